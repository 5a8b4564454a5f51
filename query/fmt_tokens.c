#include <string.h>

#include "query/fmt.h"

static const struct token *const themes[] = {
	fmt_times,
	fmt_counters,
	fmt_addresses,
	fmt_plain,
	fmt_link,
	fmt_events,
	fmt_geo,
	fmt_names,
	fmt_payload,
	fmt_newer,
};

const struct token *
fmt_find_token(const char *text, size_t *len)
{
	const struct token *best = NULL;
	*len = 0;
	for (size_t i = 0; i < sizeof(themes) / sizeof(themes[0]); i++) {
		for (const struct token *t = themes[i]; t->name != NULL; t++) {
			size_t n = strlen(t->name);
			if (n > *len && strncmp(text, t->name, n) == 0) {
				best = t;
				*len = n;
			}
		}
	}
	return best;
}
