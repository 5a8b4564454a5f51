/*
 * find: the index entry of a flow file, by nothing but the file's path.
 *
 * Which folder above the file is ROOT (index/index.h) is found by looking: it
 * is the nearest one that has an index of the file's folder.  A finder keeps
 * the index it read last, so files should be asked for in the order of their
 * names.
 */
#ifndef INDEX_FIND_H
#define INDEX_FIND_H

#include <stdbool.h>

#include "base/file.h"
#include "index/index.h"

#define FIND_UP 9 /* "group/profile/channel/2026/01/31/12", and some */

struct finder {
	char folder[FILE_PATH_MAX];  /* of the file asked for last */
	char indexes[FILE_PATH_MAX]; /* of that folder; "": there are none */
	char day[INDEX_DAY_LEN + 1]; /* that is loaded; "": none */
	struct index *index;         /* NULL: there is none */
};

/* f is all zero at first. */
void finder_free(struct finder *f);

/*
 * The entry of this very file, as it is now; f's until its next call.  False:
 * there is none.
 */
bool finder_ask(struct finder *f, const char *path, struct index_entry *e);

/* The day in a flow file's name, eight digits; false: it tells none. */
bool index_day(const char *name, char day[INDEX_DAY_LEN + 1]);

/*
 * The folder "root/.index/below", where the indexes of "root/below" are;
 * below "": all of them.  False: too long.
 */
bool index_folder(char *buf, const char *root, const char *below);

#endif
