/** Our class, then the host's. */
export const classNames = (own: string, given: string | undefined) => (given ? `${own} ${given}` : own);
