package templates

import "github.com/scampgen/scampgen/generator/plan/types"

// A scalar is a row of the table of scalar types: their names in generated code.
type scalar struct {
	pkg, name string // of the Go type
	constant  string // of package payload
	ownType   bool   // the Go type tells which scalar it is, even if it has been given another name
	alone     bool   // the Go type tells which scalar it is as long as it has its own name
}

// scalars has a row for each kind of scalar. Package payload has the table of how they are read,
// written and checked.
var scalars = map[types.RefKind]scalar{
	types.Raw:         {pkg: payloadPath, name: "Raw", constant: "ScalarRaw", alone: true},
	types.Bool:        {name: "bool", constant: "ScalarBool", alone: true, ownType: true},
	types.String:      {name: "string", constant: "ScalarString", alone: true, ownType: true},
	types.Int32:       {name: "int32", constant: "ScalarInt32", alone: true, ownType: true},
	types.Int64:       {name: "int64", constant: "ScalarInt64", alone: true, ownType: true},
	types.Uint32:      {name: "uint32", constant: "ScalarUint32", alone: true, ownType: true},
	types.Uint64:      {name: "uint64", constant: "ScalarUint64", alone: true, ownType: true},
	types.Float32:     {name: "float32", constant: "ScalarFloat32", alone: true, ownType: true},
	types.Float64:     {name: "float64", constant: "ScalarFloat64", alone: true, ownType: true},
	types.Bytes:       {name: "[]byte", constant: "ScalarBytes", alone: true},
	types.Time:        {pkg: "time", name: "Time", constant: "ScalarTime", alone: true},
	types.Date:        {pkg: payloadPath, name: "Date", constant: "ScalarDate", alone: true},
	types.UUID:        {pkg: payloadPath, name: "UUID", constant: "ScalarUUID", alone: true},
	types.Duration:    {pkg: payloadPath, name: "Duration", constant: "ScalarDuration", alone: true},
	types.Decimal:     {pkg: payloadPath, name: "Decimal", constant: "ScalarDecimal", alone: true},
	types.DecimalText: {pkg: payloadPath, name: "Decimal", constant: "ScalarDecimalString"},
}

// as is the field of a payload.Value that names the scalar, if the Go type alone does not. declared
// is set if the package declares the Go type.
func as(kind types.RefKind, declared bool) field {
	row, ok := scalars[kind]
	switch {
	case kind == types.UserType:
		return field{"As", pl("ScalarCustom")}
	case !ok || row.ownType || row.alone && !declared:
		return field{}
	}
	return field{"As", pl(row.constant)}
}
