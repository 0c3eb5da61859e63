package names

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShort(t *testing.T) {
	for _, c := range []struct {
		taken []string
		want  map[string]string
	}{
		{nil, map[string]string{"com.example.shop.v1.ParcelDto": "ParcelDto", "com.example.shop.Line$Item": "LineItem"}},
		{nil, map[string]string{"shop.v1.Parcel": "V1Parcel", "shop.v2.Parcel": "V2Parcel"}},
		{nil, map[string]string{"a.v1.Parcel": "AV1Parcel", "b.v1.Parcel": "BV1Parcel", "b.v2.Parcel": "V2Parcel"}},
		{nil, map[string]string{"a.Parcel": "AParcel", "Parcel": "Parcel"}},
		{nil, map[string]string{"a.Parcel": "AParcel", "parcel": "Parcel"}},
		{nil, map[string]string{"order.placed": "OrderPlaced", "user.signed.up": "UserSignedUp"}},
		{nil, map[string]string{".Parcel": "Parcel", "a..Parcel": "AParcel", "Parcel.": "Parcel"}},
		{[]string{"Parcel"}, map[string]string{"shop.v1.Parcel": "V1Parcel"}},
		{[]string{"Parcel", "V1Parcel", "ShopV1Parcel"}, map[string]string{"shop.v1.Parcel": "ShopV1Parcel"}},
		{nil, map[string]string{"x.8.7.6.5.4.3.2.P": "X8765432P", "y.z.8.7.6.5.4.3.2.P": "YZ8765432P", "z.z.8.7.6.5.4.3.2.P": "ZZ8765432P"}},
		{nil, map[string]string{"a.y.8.7.6.5.4.3.2.P": "AY8765432P", "a.z.8.7.6.5.4.3.2.P": "AZ8765432P"}},
	} {
		taken := map[string]bool{}
		for _, name := range c.taken {
			taken[name] = true
		}
		if diff := cmp.Diff(c.want, NewNamer(nil).Short(slices.Collect(maps.Keys(c.want)), taken)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
