#include "flow/counters.h"

const char *const counter_class_names[CLASS_MAX] = { "any", "tcp", "udp",
	"icmp", "other" };

void
counters_add(struct counters *sum, const struct counters *c)
{
	for (int i = 0; i < CLASS_MAX; i++) {
		sum->flows[i] += c->flows[i];
		sum->packets[i] += c->packets[i];
		sum->bytes[i] += c->bytes[i];
	}
}
