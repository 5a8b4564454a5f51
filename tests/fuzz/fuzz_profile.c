/* Any bytes as profile.dat: what parses must print to a fixed point. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_EMPTY;
	struct buf twice = BUF_EMPTY;
	struct err err;
	struct profile *p =
	    profile_parse("fuzz", (const char *)data, size, &err);
	if (p == NULL)
		return 0;
	profile_print(p, &once);
	profile_free(p);
	p = profile_parse("fuzz", buf_str(&once), once.len, &err);
	if (p == NULL)
		abort();
	profile_print(p, &twice);
	profile_free(p);
	if (strcmp(buf_str(&once), buf_str(&twice)) != 0)
		abort();
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
