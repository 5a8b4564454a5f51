/* A flow file of any bytes, in either layout. */
#include "tests/fuzz/nffile_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_file(data, size);
	return 0;
}
