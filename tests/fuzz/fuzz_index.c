/*
 * An index of any bytes: no entry of it reaches beyond them, and filters can
 * be held against its blocks.  Checks are put right first, or no change would
 * get further than them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/necessary.h"
#include "index/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
    "(host 10.1.2.3 or src net 2001:db8::/32 or not proto tcp) and "
    "(port in [53 80 1000] or flags S or bytes > 1000 or next ip 10.0.0.1)";

/* Returns the name of the first entry. */
static const char *
mend(uint64_t *words, size_t size)
{
	static const struct index_header right = { INDEX_MAGIC, INDEX_VERSION,
		SUMMARY_COLUMNS, 0 };
	uint8_t *p = (uint8_t *)words;
	const char *name = NULL;
	size_t at = sizeof(right);
	if (size < at)
		return NULL;
	memcpy(p, &right, sizeof(right));
	while (size - at > sizeof(struct index_head)) {
		struct index_head *h =
		    (struct index_head *)(void *)(words + at / 8);
		if (!entry_length_ok(h->length) || h->length > size - at)
			break;
		h->check = entry_check(h);
		if (name == NULL)
			name = (const char *)(h + 1);
		at += h->length;
	}
	return name;
}

static void
ask(struct index *ix, const char *name)
{
	struct index_entry e;
	struct filter_error fe;
	if (!index_find(ix, name, &e))
		return;
	struct filter *f = filter_parse(text, sizeof(text) - 1, &fe);
	struct filterset *set = filterset_new();
	(void)filterset_add(set, f);
	filterset_compile(set);
	filterset_file(set, e.ident);
	struct necessary *n = necessary_new(set, 0);
	const uint8_t *at = e.block;
	for (uint64_t i = 0; i < e.head->blocks; i++) {
		struct summary s;
		uint64_t bytes;
		index_block_next(&at, &s, &bytes);
		(void)necessary_may_match(n, &s);
	}
	necessary_free(n);
	filterset_free(set);
	filter_free(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Aligned as in memory; its end is the end of the bytes. */
	uint64_t *words = mem_alloc((size + 7) / 8 * 8 + 8);
	char name[INDEX_NAME_MAX] = "nfcapd.202311142210";
	memcpy(words, data, size);
	const char *first = mend(words, size);
	if (first != NULL)
		memcpy(name, first,
		    strnlen(first,
			(size_t)((const char *)words + size - first) <
				sizeof(name) - 1
			    ? (size_t)((const char *)words + size - first)
			    : sizeof(name) - 1));
	struct index *ix = index_load_bytes(words, size);
	if (ix != NULL) {
		ask(ix, name);
		(void)index_live(ix);
	}
	index_free(ix);
	free(words);
	return 0;
}
