/*
 * Any bytes as a config: read, or refused with a place; what was read prints
 * as a text that reads and prints the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_refusal(const struct err *err)
{
	if (strncmp(err->msg, "f:", 2) != 0)
		abort();
}

static void
check_print(const struct conf *c)
{
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;
	conf_print(c, &once);
	struct conf *d = conf_load_text("f", once.data, once.len, NULL);
	if (d == NULL)
		abort();
	conf_print(d, &twice);
	if (once.len != twice.len ||
	    memcmp(once.data, twice.data, once.len) != 0)
		abort();
	conf_free(d);
	buf_free(&once);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { "" };
	struct conf *c = conf_load_text("f", (const char *)data, size, &err);
	if (c == NULL)
		check_refusal(&err);
	else
		check_print(c);
	conf_free(c);
	return 0;
}
