/*
 * Settings that are one word of several.
 */
#include <string.h>

#include "conf/settings.h"
#include "nffile/codec.h"

int
load_codec(const struct loader *l, const char *name, const struct value *v,
    const char *text, struct conf_codec *codec)
{
	struct err err;
	if (codec_parse(text != NULL ? text : "", &codec->codec, &codec->level,
		&err) == 0)
		return 0;
	return load_fail(l, load_place(v), "'%s': %s", name, err.msg);
}

void
codec_print(const struct conf_codec *codec, struct buf *out)
{
	if (codec->codec == CODEC_NONE)
		buf_adds(out, "0");
	else if (codec->level == CODEC_FAST)
		buf_printf(out, "'-z=%s:fast'", codec_name(codec->codec));
	else if (codec->level != 0)
		buf_printf(out, "'-z=%s:%d'", codec_name(codec->codec),
		    codec->level);
	else
		buf_printf(out, "'-z=%s'", codec_name(codec->codec));
}

int
load_word(const struct loader *l, const char *name, const struct value *v,
    const char *text, const char *const *words)
{
	struct buf all = BUF_EMPTY;
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], text) == 0) {
			buf_free(&all);
			return i;
		}
		buf_printf(&all, "%s'%s'",
		    i == 0                 ? ""
		    : words[i + 1] == NULL ? " or "
					   : ", ",
		    words[i]);
	}
	(void)load_fail(l, load_place(v), "'%s' is '%s', must be %s", name,
	    text, buf_str(&all));
	buf_free(&all);
	return -1;
}
