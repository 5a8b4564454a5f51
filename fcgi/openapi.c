/*
 * The description of the API, OpenAPI 3.1.
 */
#include "fcgi/pages.h"

#define STRING(name, text)                                                     \
	"{\"name\":\"" name "\",\"in\":\"query\",\"description\":\"" text      \
	"\",\"schema\":{\"type\":\"string\"}}"
#define IN_PATH(name)                                                          \
	"{\"name\":\"" name "\",\"in\":\"path\",\"required\":true,"            \
	"\"schema\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9+_-]+$\"}}"
#define ANSWERS                                                                \
	"\"responses\":{\"200\":{\"description\":\"JSON\",\"content\":{"       \
	"\"application/json\":{}}},\"400\":{\"description\":\"a parameter is " \
	"unknown, repeated or badly written\"},\"404\":{\"description\":\"no " \
	"such profile\"}}"
#define SELECTION                                                              \
	STRING("t", "slot: epoch seconds, ISO 8601, now, now-6h")              \
	"," STRING("from", "start of a window, with to") "," STRING("to",      \
	    "its end, not in it") "," STRING("end",                            \
	    "right edge of the graph") "," STRING("w",                         \
	    "time shown: 6h, 1d, 2w, 3M, 1y") "," STRING("ch",                 \
	    "names of channels, separated by commas")
#define KIND                                                                   \
	STRING("type", "flows, packets or traffic")                            \
	"," STRING("proto", "any, tcp, udp, icmp or other")
#define PROFILE_PATHS(path, in)                                                \
	"\"/p/" path "/series\":{\"get\":{\"summary\":\"numbers of a graph: "  \
	"rates per second, traffic in bit/s, null where unknown; times are "   \
	"the starts of slots\",\"parameters\":[" in "," SELECTION "," KIND     \
	"]," ANSWERS "}},"                                                     \
	"\"/p/" path "/stats\":{\"get\":{\"summary\":\"totals of a slot or "   \
	"window: flows, packets, bytes by protocol\",\"parameters\":[" in      \
	"," SELECTION "," KIND "]," ANSWERS "}}"

/* In pieces: a compiler need not take longer strings. */
static const char *const document[] = {
	"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"NfSen\",\"version\":"
	"\"1\"},\"servers\":[{\"url\":\"/api/v1\"}],\"paths\":{"
	"\"/profiles\":{\"get\":{\"summary\":\"profiles and their "
	"channels\"," ANSWERS "}},",
	"\"/sources\":{\"get\":{\"summary\":\"sources, as the collector "
	"sees them; lost_in_slot and lost_in_day: flows and datagrams that "
	"the ledger has as lost, of the last complete slot (last_slot, its "
	"start) and of the last day\"," ANSWERS "}},",
	PROFILE_PATHS("{profile}", IN_PATH("profile")) ",",
	PROFILE_PATHS("{group}/{profile}",
	    IN_PATH("group") "," IN_PATH("profile")) "}}\n",
};

void
api_openapi(const struct conf *c, const struct request *rq, struct response *rs)
{
	(void)c, (void)rq;
	rs->status = 200;
	rs->type = "application/json";
	rs->max_age = 3600;
	for (size_t i = 0; i < sizeof(document) / sizeof(*document); i++)
		buf_adds(&rs->body, document[i]);
}
