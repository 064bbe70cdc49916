/*
 * Samba looks for its services in the directory that it was built for. This, loaded before it, says another one, so that it
 * can run from wherever it was unpacked.
 */
#include <stdlib.h>

extern const char *set_dyn_MODULESDIR(const char *directory) __attribute__((weak));

__attribute__((constructor)) static void set_modules_directory(void)
{
    const char *directory = getenv("KERBSIDE_SAMBA_MODULES");
    if (directory != NULL && set_dyn_MODULESDIR != NULL)
        set_dyn_MODULESDIR(directory);
}
