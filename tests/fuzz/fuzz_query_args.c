/*
 * fuzz_query_args: a whole command line of nfsen-query, one word a line, is
 * taken or refused with a message; nothing is opened.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "query/options.h"

#define WORDS 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Options that read a file, or ask the resolver, are another matter. */
static bool
stays_here(char **words)
{
	for (; *words != NULL; words++)
		if (strchr(*words, 'f') != NULL ||
		    strchr(*words, 'G') != NULL ||
		    strchr(*words, 'C') != NULL ||
		    strchr(*words, '@') != NULL || strstr(*words, "ho") != NULL)
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "nfdump", none[] = "-Gnone";
	char *words[WORDS + 3] = { name, none };
	struct options o;
	struct err err;
	int n = 2, status = -1;
	char *text = calloc(1, size + 1);
	if (text == NULL)
		return 0;
	if (size != 0)
		memcpy(text, data, size);
	char *save = NULL;
	for (char *w = strtok_r(text, "\n", &save); w != NULL && n < WORDS;
	     w = strtok_r(NULL, "\n", &save))
		words[n++] = w;
	words[n] = NULL;
	if (stays_here(words + 2)) {
		if (options_parse(&o, n, words, &status, &err) == -1 &&
		    (status <= 0 || status > 255 || err.msg[0] == '\0'))
			abort();
		options_free(&o);
	}
	free(text);
	return 0;
}
