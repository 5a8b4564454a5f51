#!/bin/sh
# A plugin as a program (nfsen-profiler(8), Plugins): answers as the one that
# NfSen's dialogues were recorded with; used by dialogues.sh and plugins.sh.
value() { # key
	sed -n "s/^$1=//p" "$args" | tail -n 1
}

# Nothing can be written where plugins run, but for their own folder.
args=${0%/plugins/*}/var/plugins/args.$$
cat >"$args" || exit 1
trap 'rm -f "$args"' EXIT
case $1-${2-} in
run-)
	[ "$(tail -n 1 "$args")" = . ] || exit 1
	echo "$(value profilegroup)/$(value profile) $(value timeslot)" \
	    >>"${args%/*}/runs"
	;;
condition-)
	[ -s "$(value alertfile)" ] && echo condition=1
	echo OK
	;;
action-)
	echo "OK $(value alert)"
	;;
command-try)
	if ! grep -q ^_colours= "$args"; then
		echo 'ERR Missing value'
		exit 0
	fi
	a=$(value colour1) b=$(value colour2)
	echo "_othercolours=$a"
	echo "_othercolours=$b"
	echo "string=Greetings from backend plugin. Got colour values:" \
	    "'$a' and '$b'"
	echo .
	echo 'OK command completed.'
	;;
*)
	exit 64
	;;
esac
