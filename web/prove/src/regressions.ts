/**
 * Histories that once broke a promise, by their number; the commits that mended them name it. The short form runs them too.
 * What a number means changes with the proof itself: then they are histories like others.
 */
export const REGRESSIONS: readonly number[] = [
  448, 2518, 3419, 4168, 4720, 4722, 5066, 5802, 6094, 6911, 7222, 7371, 8144, 8231, 9182, 9489, 10115, 10743, 11642, 11534, 11698, 12196, 12566, 12755, 12783,
  13224, 18056, 19238, 20002, 20463, 20574, 22189, 22691, 23138, 26126, 26430, 27928, 29520, 30768, 31018, 31301, 31583, 32377, 33137, 38168, 38507, 47414, 48438, 49024,
];
