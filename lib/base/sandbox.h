/*
 * sandbox: what a daemon gives up for good before the first outside byte:
 * every file but those it names, programs, and kinds of sockets.
 *
 * A process says what it goes on to need and enters.  Threads and children
 * of later are held by the same rules; those started before are not.  On
 * Linux files are held by landlock and calls by a seccomp filter; the kernel
 * is asked what it has, and what it lacks is left out.  Elsewhere nothing is
 * held.  Descriptors that are open stay as they are.
 *
 * What holds for files: SANDBOX_READ is reading files and folders,
 * SANDBOX_WRITE all but devices and programs.  A path that is not there when
 * entering is not given.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

enum sandbox_access { SANDBOX_READ, SANDBOX_WRITE, SANDBOX_EXEC };

/* Kinds of sockets that may be opened. */
#define SANDBOX_UNIX 1u
#define SANDBOX_INET 2u /* IPv4 and IPv6 */

#define SANDBOX_ENTRIES 65536 /* of one tree looked at for links */

struct sandbox_path {
	enum sandbox_access access;
	char *path;
};

struct sandbox {
	struct sandbox_path *paths;
	size_t n, size;
	unsigned sockets; /* SANDBOX_UNIX ... */
	bool programs;    /* may start some, those of SANDBOX_EXEC */
};

#define SANDBOX_NOTHING                                                        \
	{                                                                      \
		0                                                              \
	}

/* NULL: nothing.  The path is copied. */
void sandbox_add(struct sandbox *sb, enum sandbox_access access,
    const char *path);

/* To write in; made now, for what is not there cannot be given. */
void sandbox_add_made(struct sandbox *sb, const char *folder);

/* The folder that a file is in: editors and packages replace files. */
void sandbox_add_folder_of(struct sandbox *sb, enum sandbox_access access,
    const char *path);

/* Those of all files of a list, "FILE:FILE". */
void sandbox_add_folders_of(struct sandbox *sb, enum sandbox_access access,
    const char *list);

/*
 * A folder, and where the symbolic links in it and in the folders up to
 * `depth` below it lead: a disk of its own for some source or profile.
 */
void sandbox_add_tree(struct sandbox *sb, enum sandbox_access access,
    const char *path, int depth);

/* To read: libraries, names of users, time zones, fonts, certificates. */
void sandbox_add_system(struct sandbox *sb);

/* Why something is not held; NULL: it is. */
struct sandbox_held {
	const char *files;
	const char *calls;
	int abi; /* landlock's */
};

/*
 * For good.  What cannot be held is told, not an error: a daemon goes on
 * where the kernel is old.
 */
void sandbox_enter(const struct sandbox *sb, struct sandbox_held *held);

/* One line to the log. */
void sandbox_log(const struct sandbox_held *held);

void sandbox_free(struct sandbox *sb);

#endif
