#include "nffile/internal.h"

uint64_t
nffile_record_elements(const uint8_t *rec)
{
	uint64_t have = 0;
	struct elem_walk w;
	elem_walk(&w, rec);
	while (elem_next(&w))
		if (w.id < 64)
			have |= UINT64_C(1) << w.id;
	/* Before 1.7.1 it had the VRFs inside. */
	if ((have & FLOW_BIT(FE_NATEVENT)) != 0)
		have |= FLOW_BIT(FE_VRF);
	return have;
}
