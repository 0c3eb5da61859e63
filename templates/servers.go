package templates

import (
	"fmt"
	"reflect"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/servers"
	"github.com/scampgen/scampgen/runtime"
)

// serversFile has a function for each server, with the types of its variables.
func serversFile(p *plan.Plan) *jen.File {
	file := newFile(p, p.ServersPackage)
	for _, line := range commentLines([]string{
		fmt.Sprintf("Package %s has the RabbitMQ servers of the contract %q.", p.ServersPackage.Name, p.Title),
		"Each function returns a runtime.Broker with the address and the login. The program may set its other fields.",
	}) {
		file.PackageComment(line)
	}
	file.Add(handshake()).Line()
	for _, s := range p.Servers {
		file.Add(serverFunc(s)).Line()
		if len(s.Fields) > 0 {
			file.Add(variablesType(s)).Line()
		}
		for _, f := range s.Fields {
			if f.Type != "" {
				file.Add(variableEnum(s, f)).Line()
			}
		}
	}
	return file
}

func serverFunc(s servers.Server) jen.Code {
	var params []jen.Code
	if len(s.Fields) > 0 {
		params = append(params, jen.Id("variables").Id(s.VariablesName()))
	}
	params = append(params, jen.Id("login").Add(rt(string(s.Login))))
	sentence := fmt.Sprintf("%s returns the broker of the server %q.", s.GoName, s.Address.Name)
	return jen.Add(described(sentence, s.Doc)).Line().
		Func().Id(s.GoName).Params(params...).Params(rt("Broker"), jen.Error()).Block(
		jen.Return(rt("Server").Add(serverLiteral(s)).Dot("Broker").Call(jen.Id("login"))),
	).Line()
}

// serverLiteral is the address, whose variables get their values from the fields of the struct.
func serverLiteral(s servers.Server) jen.Code {
	address, variables := s.Address, []jen.Code{}
	for i, v := range address.Variables {
		value := jen.Id("variables").Dot(s.Fields[i].GoName)
		if s.Fields[i].Type != "" {
			value = jen.String().Call(value)
		}
		variables = append(variables, variableLiteral(v, value))
	}
	address.Variables = nil
	entries := literals{}.entries(reflect.ValueOf(address))
	if len(variables) > 0 {
		entries = append(entries, jen.Id("Variables").Op(":").Index().Add(rt("ServerVariable")).Add(spread(true, variables)))
	}
	return spread(true, entries)
}

func variableLiteral(v runtime.ServerVariable, value jen.Code) jen.Code {
	var enum jen.Code
	if len(v.Enum) > 0 {
		enum = literals{}.value(v.Enum)
	}
	return short(text("Name", v.Name), field{"Value", value}, text("Default", v.Default), field{"Enum", enum}, flag("Required", v.Required))
}

func variablesType(s servers.Server) jen.Code {
	sentence := s.VariablesName() + " are the variables in the address of " + s.GoName + ". An empty field has the contract's default."
	return jen.Add(comment(sentence)).Line().
		Type().Id(s.VariablesName()).StructFunc(func(g *jen.Group) {
		for _, f := range s.Fields {
			if said := docParagraphs(f.Doc); len(said) > 0 {
				g.Add(comment(said...))
			}
			if f.Type != "" {
				g.Id(f.GoName).Id(f.Type)
			} else {
				g.Id(f.GoName).String()
			}
		}
	}).Line()
}

func variableEnum(s servers.Server, f servers.Field) jen.Code {
	return jen.Add(comment(f.Type + " is a value of " + f.GoName + " in " + s.VariablesName() + ".")).Line().
		Type().Id(f.Type).String().Line().Line().
		Add(comment("The values that the contract allows.")).Line().
		Const().DefsFunc(func(g *jen.Group) {
		for _, c := range f.Values {
			g.Id(c.GoName).Id(f.Type).Op("=").Add(quoted(c.Value))
		}
	}).Line()
}
