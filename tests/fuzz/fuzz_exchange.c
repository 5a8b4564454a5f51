/* Any bytes as a profile's XML: told what is wrong, or a profile that prints. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "profile/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { "" };
	struct buf text = BUF_EMPTY;
	struct profile *p = exchange_parse(data, size, &err);
	if ((p == NULL) != (err.msg[0] != '\0'))
		abort();
	if (p == NULL)
		return 0;
	profile_print(p, &text);
	profile_free(p);
	buf_free(&text);
	return 0;
}
