/* Any bytes as a Storable file: what is read is written and read the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profile/storable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_EMPTY;
	struct buf file = BUF_EMPTY, once = BUF_EMPTY, twice = BUF_EMPTY;
	struct err err;
	struct perl_value *v = storable_parse(data, size, &a, &err);
	if (v != NULL) {
		storable_json(v, &once);
		storable_print(v, &file);
		v = storable_parse(file.data, file.len, &a, &err);
		if (v == NULL)
			abort();
		storable_json(v, &twice);
		if (once.len != twice.len ||
		    memcmp(once.data, twice.data, once.len) != 0)
			abort();
	}
	buf_free(&file);
	buf_free(&once);
	buf_free(&twice);
	arena_free(&a);
	return 0;
}
