/* Cuts the power of a mounted ext4 file system: nothing more reaches its disk, not even what its log had planned.
 * Call: cut_power <any directory of it>. Afterwards only unmounting helps. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define WITHOUT_FLUSHING_THE_LOG 2

int main(int count, char **arguments) {
    uint32_t how = WITHOUT_FLUSHING_THE_LOG;
    int directory = count == 2 ? open(arguments[1], O_RDONLY | O_DIRECTORY) : -1;
    if (directory < 0 || ioctl(directory, EXT4_IOC_SHUTDOWN, &how) != 0) {
        fprintf(stderr, "cut_power: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}
