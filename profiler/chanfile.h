/*
 * chanfile: a channel's flow file while its slot runs.
 *
 * There may be thousands of them at once, so each costs little: records wait
 * in a small buffer of their own, and a full one is packed into the file
 * with the big buffers of a packer, which all files share.  Between two
 * blocks no file is open.  The file is made with its first block, under the
 * name <dir>/nfprofile.<pid>.
 */
#ifndef PROFILER_CHANFILE_H
#define PROFILER_CHANFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "nffile/nffile.h"

/* Records that wait, of all files together, while there is a choice. */
#define CHANFILE_BUDGET (96 * 1024 * 1024)
#define CHANFILE_LEAST  (32 * 1024) /* of one file, before it is packed */

/* Block buffers, lent to the file that packs; one thread's at a time. */
struct packer {
	uint8_t *raw;
	uint8_t *packed;
};

void packer_free(struct packer *p);

struct chanfile {
	struct nffile_writer_opts opts;
	char *ident; /* opts.ident */
	char *path;
	struct nffile_writer w; /* path NULL: the file is not there yet */
	uint8_t *wait;          /* records, one after another */
	size_t len, cap;
	size_t limit; /* of len */
	uint64_t flows;
	bool broken;   /* could not be opened: lose and count */
	uint64_t lost; /* flows that did not get into the file */
	/* By source: bytes of its descriptions in it; a loss takes them back. */
	size_t *described;
	size_t n_described;
};

/*
 * `files` are the channels that share the budget; o->ident is copied.  Files
 * of one channel that are written at once differ in lane; but for 0 it
 * stands in the name, six digits behind the pid.
 */
struct chanfile *chanfile_new(const char *dir, unsigned lane,
    const struct nffile_writer_opts *o, size_t files, size_t sources);

/* Room for a record of n bytes, to be filled in by the caller. */
uint8_t *chanfile_room(struct chanfile *f, struct packer *p, size_t n);

/*
 * Pack what waits and complete the file.  Frees f.  0: it lies under `tmp`
 * (FILE_PATH_MAX); -1: nothing is left of it.  *lost: flows it lacks.
 */
int chanfile_finish(struct chanfile *f, struct packer *p, char *tmp,
    uint64_t *lost, struct err *err);

/* Remove the file.  NULL is accepted. */
void chanfile_drop(struct chanfile *f);

#endif
