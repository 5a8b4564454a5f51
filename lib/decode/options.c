/*
 * options: what exporters say about themselves in options data (RFC 7011
 * section 3.4.2.2, RFC 3954 section 6): samplers, names, the boot time.
 */
#include "decode/engine.h"
#include "decode/names.h"

#define HAS(have, option) (((have)&FLOW_BIT(option)) != 0)

/*
 * The rate is for the sampler, the interface, or both when both are named;
 * without either, or with id 0, for everything of this exporter.
 */
static void
take_sampler(struct decoding *d, uint64_t have)
{
	const struct option_values *o = &d->r.o;
	const struct sampling_values *v = &d->r.x.sampling;
	uint32_t index = o->in_if != 0 ? o->in_if : o->out_if;
	bool by_id = HAS(have, OPTION_SAMPLER) && o->sampler_id != 0;
	bool by_if =
	    (HAS(have, OPTION_IN_IF) || HAS(have, OPTION_OUT_IF)) && index != 0;
	if (by_id)
		sampling_learn(d, SAMPLER_ID, o->sampler_id, v);
	if (by_if)
		sampling_learn(d, SAMPLER_INTERFACE, index, v);
	if (!by_id && !by_if)
		sampling_learn(d, SAMPLER_GENERIC, 0, v);
}

static struct name_bytes
bytes_of(const struct flow_bytes *b)
{
	return (struct name_bytes){ .p = b->p, .len = b->len };
}

static bool
is_empty(const struct flow_bytes *b)
{
	return b->len == 0 || b->p[0] == '\0';
}

static void
take_name(struct decoding *d, enum name_kind kind, uint64_t id, uint8_t id_len,
    const struct flow_bytes *name, const struct flow_bytes *text)
{
	static const struct flow_bytes none;
	if (is_empty(name) && text != NULL) {
		name = text;
		text = &none;
	}
	if (is_empty(name))
		return;
	struct table_key key = { .kind = (uint8_t)kind, .id = id };
	if (!exporter_set_name(d->e, key, id_len, bytes_of(name),
		bytes_of(text != NULL ? text : &none)))
		d->e->stats.refused++;
}

static void
take_application(struct decoding *d)
{
	const struct option_values *o = &d->r.o;
	uint64_t id = 0;
	if (o->app_id.len == 0 || o->app_id.len > sizeof(id))
		return;
	for (uint16_t i = 0; i < o->app_id.len; i++)
		id = id << 8 | o->app_id.p[i];
	take_name(d, NAME_APPLICATION, id, (uint8_t)o->app_id.len, &o->app_name,
	    &o->app_text);
}

void
options_take(struct decoding *d, uint64_t have)
{
	const struct option_values *o = &d->r.o;
	/* RFC 7011: what an uptime means is left to the boot time. */
	if (HAS(have, OPTION_BOOT) && d->r.x.boot_ms != 0)
		d->e->boot_ms = d->r.x.boot_ms;
	if (HAS(have, OPTION_RATE))
		take_sampler(d, have);
	if (HAS(have, OPTION_IF_NAME) && HAS(have, OPTION_IN_IF))
		take_name(d, NAME_INTERFACE, o->in_if, 0, &o->if_name,
		    &o->if_text);
	else if (HAS(have, OPTION_IF_NAME) && HAS(have, OPTION_OUT_IF))
		take_name(d, NAME_INTERFACE, o->out_if, 0, &o->if_name,
		    &o->if_text);
	if (HAS(have, OPTION_VRF_NAME) && HAS(have, OPTION_IN_VRF))
		take_name(d, NAME_VRF, o->in_vrf, 0, &o->vrf_name, NULL);
	else if (HAS(have, OPTION_VRF_NAME) && HAS(have, OPTION_OUT_VRF))
		take_name(d, NAME_VRF, o->out_vrf, 0, &o->vrf_name, NULL);
	if (HAS(have, OPTION_APP_ID))
		take_application(d);
}
