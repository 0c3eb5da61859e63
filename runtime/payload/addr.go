package payload

import "net/netip"

// Addr reads a string in the format "ipv6".
func (d *Decoder) Addr() netip.Addr {
	return decodeText(d, FormatIPv6, func(text []byte) (netip.Addr, bool) {
		addr, err := netip.ParseAddr(string(text))
		return addr, err == nil && isIPv6(string(text))
	})
}

// AppendAddr appends a as a JSON string.
func AppendAddr(dst []byte, a netip.Addr) []byte { return append(a.AppendTo(append(dst, '"')), '"') }
