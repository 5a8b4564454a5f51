/* fuzz_sflow: datagrams of sFlow v2, v4 and v5. */
#include "datagrams.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t versions[] = { DECODE_SFLOW, 0 };
	(void)fuzz_datagrams(versions, data, size);
	return 0;
}
