/* fuzz_ctl: the request parser, fed the way the server feeds it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	size_t scan = 0;
	struct ctl_talk talk = { .timeout_ms = CTL_IDLE_MS };
	struct buf out = BUF_EMPTY;
	for (size_t len; (len = ctl_request_end(p, size, &scan)) != 0;) {
		struct ctl_request r;
		enum ctl_kind kind;
		struct err err;
		if (len > size)
			abort();
		buf_clear(&out);
		if (ctl_request_read(&r, &talk, p, len, &kind, &out, &err) ==
			0 &&
		    kind == CTL_COMMAND && ctl_request_args(&r, &err) == 0) {
			(void)ctl_arg(&r, "key");
			(void)ctl_request_quits(&r);
			ctl_request_echo_command(&r, &out);
			ctl_request_echo_args(&r, &out);
		}
		/* Lines of a reply: none may be its end. */
		if (out.len != 0 && (memcmp(out.data, ".\n", 2) == 0 ||
					strstr(out.data, "\n.\n") != NULL))
			abort();
		if (talk.timeout_ms < 1000 ||
		    talk.timeout_ms > CTL_TIMEOUT_MAX * 1000)
			abort();
		ctl_request_free(&r);
		p += len;
		size -= len;
		scan = 0;
	}
	buf_free(&out);
	return 0;
}
