/*
 * nfdump_args: what the web pages and scripts send as nfdump's arguments, in
 * one string written for a shell, into an argument vector without a shell.
 *
 * Words are split at blanks; '...' keeps what is in it; \' outside of them
 * is an apostrophe (so PHP quotes one).  Anything else that a shell would
 * take for its own is refused.  Options are those of a list; none of them writes a file or runs
 * anything.  Names of flow files are below the folders of the request, or
 * below PROFILEDATADIR, without "..".
 */
#ifndef PROFILER_NFDUMP_ARGS_H
#define PROFILER_NFDUMP_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define NFDUMP_ARGS_MAX 128

struct nfdump_args {
	const char *v[NFDUMP_ARGS_MAX + 1]; /* NULL ends; options apart from
	                                       their values, for execv */
	size_t n;
	bool reads;  /* -r or -R is there */
	bool checks; /* -Z or -V: no files are looked at */
};

/*
 * root: PROFILEDATADIR.  with_folders: the caller adds -M itself, so that one
 * in the text is refused and -r and -R name files in those folders.  Strings
 * live in the arena.  -1: err is the text to answer; "Illegal characters in
 * argument list" is NfSen's.
 */
int nfdump_args_parse(const char *text, const char *root, bool with_folders,
    struct arena *a, struct nfdump_args *out, struct err *err);

#endif
