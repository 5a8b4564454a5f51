#include "collector/rotate.h"

#include "base/slot.h"

int64_t
rotate_due(int64_t slot, int64_t cycletime, uint64_t now_ms, unsigned grace_ms)
{
	int64_t now = (int64_t)now_ms;
	if (now >= (slot + cycletime) * 1000 + (int64_t)grace_ms ||
	    now < slot * 1000 - ROTATE_BACK_MS)
		return slot_start(now / 1000, cycletime);
	return -1;
}
