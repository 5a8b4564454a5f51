/*
 * flowfile: where a source's files are and how they are written.
 */
#ifndef COLLECTOR_FLOWFILE_H
#define COLLECTOR_FLOWFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file.h"
#include "conf/conf.h"
#include "nffile/layout.h"

struct launch;

/* Begins the name of a file that is being written or was left so. */
#define FLOWFILE_CURRENT "nfcapd.current."

#define FLOWFILE_IDENT_MAX 127 /* nfcapd's; what a flow file has room for */

struct flowfile_spec {
	char ident[FLOWFILE_IDENT_MAX + 1];
	char dir[FILE_PATH_MAX - 256]; /* live/<source>; room for names below */
	int64_t cycletime;             /* slot length, seconds */
	int layout;                    /* of sub-directories */
	enum nffile_codec codec;
	int level;
	enum nffile_compat compat;
	enum conf_fsync fsync;
	enum conf_books books; /* of its .nfstat */
	bool zone;             /* names end with the offset from UTC */
	struct launch *launch; /* who runs the command; not ours */
	int command;           /* of launch_command; 0: none */
};

/* "<subdir>/nfcapd.<time>" of a slot, below dir; buf SLOT_PATH_MAX. */
char *flowfile_path(const struct flowfile_spec *spec, int64_t slot, char *buf);

/*
 * Give the finished file `from` its slot's name below the source's folder,
 * as the last act; where that name exists, the flows are added to it.
 */
int flowfile_publish(const struct flowfile_spec *spec, const char *from,
    int64_t slot, struct err *err);

/*
 * Finish and publish what an earlier process left open in the folder.  What
 * cannot be recovered is logged and left.
 */
void flowfile_recover(const struct flowfile_spec *spec);

/* One such file; -1: it is still there, which quiet does not log. */
int flowfile_recover_one(const struct flowfile_spec *spec, const char *path,
    bool quiet);

/*
 * A name that no file has yet: nfcapd.current.<pid>, with a number behind
 * it when an unrecoverable left-over has that name.
 */
int flowfile_name(const struct flowfile_spec *spec, char *path,
    struct err *err);

#endif
