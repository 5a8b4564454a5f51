/*
 * nfprofile: one slot's work under the name and with the command line of
 * nfdump's nfprofile, so that the engine can be put under a running NfSen:
 * channels on standard input, channel files, .nfstat and RRDs as 1.7.1
 * leaves them.  Nothing else of the tree is touched.
 *
 * Exit status: 0 all done; 1 some channel or file could not be used, the
 * others are done; 255 nothing was done.
 */
#ifndef PROFILER_NFPROFILE_H
#define PROFILER_NFPROFILE_H

#include <stdbool.h>

#define NFPROFILE_PARTLY  1
#define NFPROFILE_NOTHING 255

/* Called by that name, or with --nfprofile as the first argument. */
bool nfprofile_wanted(int argc, char **argv);
int nfprofile_main(int argc, char **argv);

#endif
