// gokrb5's tokens behind the line protocol of initiator.py: `init` only, because it never reads a reply.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/spnego"
)

type request struct {
	Init *struct {
		Service string
		Mech    string
		Flags   []string
	}
}

var names = map[string]int{
	"mutual": gssapi.ContextFlagMutual, "replay": gssapi.ContextFlagReplay, "sequence": gssapi.ContextFlagSequence,
	"conf": gssapi.ContextFlagConf, "integ": gssapi.ContextFlagInteg,
}

// What its HTTP client sends: no choice of flags.
func negotiated(login *client.Client, service string) ([]byte, error) {
	token, err := spnego.SPNEGOClient(login, service).InitSecContext()
	if err != nil {
		return nil, err
	}
	return token.Marshal()
}

func raw(login *client.Client, service string, wanted []string) ([]byte, error) {
	ticket, key, err := login.GetServiceTicket(service)
	if err != nil {
		return nil, err
	}
	var contextFlags, options []int
	for _, name := range wanted {
		contextFlags = append(contextFlags, names[name])
		if name == "mutual" {
			options = append(options, flags.APOptionMutualRequired)
		}
	}
	token, err := spnego.NewKRB5TokenAPREQ(login, ticket, key, contextFlags, options)
	if err != nil {
		return nil, err
	}
	return token.Marshal()
}

func answer(login *client.Client, line []byte) (interface{}, error) {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	if asked.Init == nil {
		return nil, fmt.Errorf("no such command: %s", line)
	}
	var token []byte
	var err error
	if asked.Init.Mech == "spnego" {
		token, err = negotiated(login, asked.Init.Service)
	} else {
		token, err = raw(login, asked.Init.Service, asked.Init.Flags)
	}
	if err != nil {
		return nil, err
	}
	text := base64.StdEncoding.EncodeToString(token)
	return map[string]interface{}{"complete": true, "token": text, "flags": asked.Init.Flags}, nil
}

func main() {
	settings, err := config.Load(os.Getenv("KRB5_CONFIG"))
	if err != nil {
		log.Fatal(err)
	}
	tickets, err := credentials.LoadCCache(strings.TrimPrefix(os.Getenv("KRB5CCNAME"), "FILE:"))
	if err != nil {
		log.Fatal(err)
	}
	login, err := client.NewFromCCache(tickets, settings, client.DisablePAFXFAST(true))
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		said, err := answer(login, lines.Bytes())
		if err != nil {
			said = map[string]interface{}{
				"error": map[string]interface{}{"major": 0xd0000, "minor": 0, "text": err.Error()},
			}
		}
		if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
			log.Fatal(err)
		}
	}
}
