/*
 * fuzz_nfdump_args: a string of arguments becomes a vector of allowed options
 * whose files stay below the data, or an error.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/nfdump_args.h"

#define ROOT "/data"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_path(const char *path, bool in_folders)
{
	if (strcmp(path, "..") == 0 || strncmp(path, "../", 3) == 0 ||
	    strstr(path, "/../") != NULL || strstr(path, ":../") != NULL)
		abort();
	if (in_folders ? path[0] == '/' : strncmp(path, ROOT "/", 6) != 0)
		abort();
}

static void
check(const struct nfdump_args *args, bool with_folders)
{
	bool folders = with_folders;
	for (size_t i = 0; i < args->n; i++)
		folders |= strcmp(args->v[i], "-M") == 0;
	for (size_t i = 0; i < args->n; i++) {
		const char *o = args->v[i];
		if (o[0] != '-' || o[1] == '\0' || o[2] != '\0' ||
		    strchr("6AaBbcGIlLMmNnOoqRrSsTtVZ", o[1]) == NULL)
			abort();
		if (strchr("ARrncsoOlLtGM", o[1]) == NULL)
			continue;
		const char *value = args->v[++i];
		if (i >= args->n)
			abort();
		if (o[1] == 'M' && with_folders)
			abort();
		if (o[1] == 'M')
			check_path(value, false);
		if (o[1] == 'r' || o[1] == 'R')
			check_path(value, folders);
	}
	if (args->v[args->n] != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_EMPTY;
	struct nfdump_args args;
	struct err err;
	if (size == 0)
		return 0;
	bool with_folders = (data[0] & 1) != 0;
	const char *text = arena_strndup(&a, (const char *)data + 1, size - 1);
	if (nfdump_args_parse(text, ROOT, with_folders, &a, &args, &err) == 0)
		check(&args, with_folders);
	arena_free(&a);
	return 0;
}
