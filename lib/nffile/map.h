/*
 * map: a finished file's bytes without a copy of them.
 *
 * Another program may cut a file that is mapped here, or the disk may fail;
 * reading what is no longer there is SIGBUS, the end of the process.  A
 * handler puts zeros in that place instead and notes where: who reads through
 * a map asks behind each block whether its bytes were whole, and when they
 * were not reads them again by pread, which knows the cause.
 *
 * Bytes of a map can change while they are looked at.  They are for decoders
 * that trust nothing and look at each byte once, not to be handed out.
 */
#ifndef NFFILE_MAP_H
#define NFFILE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct map;

/*
 * The whole file; NULL: not to be had (empty, too many maps, no memory), read
 * it by pread.  The first call of a process takes over SIGBUS; faults that
 * are no map's go to whoever had it before.  Threads that use maps must not
 * block SIGBUS.
 */
struct map *map_new(int fd);

/*
 * n bytes at pos for the thread that asks; NULL: they were not there when the
 * file was mapped.
 */
const uint8_t *map_at(const struct map *m, off_t pos, size_t n);

/* Were the n bytes at pos the file's own, up to now? */
bool map_whole(const struct map *m, int fd, off_t pos, size_t n);

/*
 * What is needed next begins at pos: pages far behind it are given back, so
 * that a process does not seem to hold the files it reads.
 */
void map_pass(struct map *m, off_t pos);

/* NULL is allowed; nobody else uses it any more. */
void map_free(struct map *m);

#endif
