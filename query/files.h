/*
 * files: what is asked of flow files as such, not of their flows: sums,
 * lists, checks, and changes in their place.  Each prints its answer and
 * returns what came of it (EXIT_* of options.h).
 */
#ifndef QUERY_FILES_H
#define QUERY_FILES_H

#include "query/options.h"

/* -I: the sum of the files' stat records. */
int files_info(struct options *o);

/* -g: a line for each file. */
int files_list(struct options *o);

/* -v: what the file is, and whether all of it can be read. */
int files_verify(const char *path);

/* -E: exporters and samplers. */
int files_senders(const char *path);

/* -x: extension maps of nfdump 1.6. */
int files_maps(const char *path);

/* -J: pack all files anew. */
int files_recompress(struct options *o);

/* -i: another ident for the file of -r. */
int files_ident(struct options *o);

#endif
