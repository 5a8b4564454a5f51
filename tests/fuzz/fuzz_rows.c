/* Any bytes, packed by their rows, unpack to themselves. */
#include <lz4.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *out = mem_alloc(rows_bound(size));
	uint8_t *plain = mem_alloc(rows_bound(size));
	uint8_t *back = mem_alloc(size + 1);
	size_t n = rows_pack(data, size, out);
	if (n > rows_bound(size))
		abort();
	for (size_t i = 1; rows_way_nth(i) != NULL; i++)
		if (rows_way_nth(i)(data, size, plain) != n ||
		    memcmp(plain, out, n) != 0)
			abort();
	int m = LZ4_decompress_safe((const char *)out, (char *)back, (int)n,
	    (int)size + 1);
	if (m != (int)size || memcmp(back, data, size) != 0)
		abort();
	free(out);
	free(plain);
	free(back);
	return 0;
}
