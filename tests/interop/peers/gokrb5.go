// gokrb5's tokens behind the line protocol of initiator.py, and its messages, which are signed and not sealed.
//
// `step` asks it what it makes of an AP-REP. It has no context: the key of the messages is the ticket's, which is right
// where nobody sends a subkey: it never does, and an acceptor does only if the context is mutual.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/spnego"
	"github.com/jcmturner/gokrb5/v8/types"
)

type request struct {
	Init *struct {
		Service string
		Mech    string
		Flags   []string
	}
	Step, Unwrap *struct{ Token []byte }
	Wrap         *struct {
		Message []byte
		Encrypt bool
	}
	Mic       *struct{ Message []byte }
	VerifyMic *struct{ Message, Mic []byte } `json:"verify_mic"`
}

type answers map[string]interface{}

var names = map[string]int{
	"mutual": gssapi.ContextFlagMutual, "replay": gssapi.ContextFlagReplay, "sequence": gssapi.ContextFlagSequence,
	"conf": gssapi.ContextFlagConf, "integ": gssapi.ContextFlagInteg, "deleg": gssapi.ContextFlagDeleg,
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

func initiate(login *client.Client, service, mech string, wanted []string) ([]byte, error) {
	if mech == "spnego" {
		return negotiated(login, service)
	}
	return raw(login, service, wanted)
}

func verify(reply []byte) (answers, error) {
	var token spnego.KRB5Token
	if err := token.Unmarshal(reply); err != nil {
		return nil, err
	}
	if ok, status := token.Verify(); !ok {
		return nil, errors.New(status.Message)
	}
	return answers{"complete": true, "token": nil, "flags": []string{}}, nil
}

func wrap(message []byte, key types.EncryptionKey) (answers, error) {
	token, err := gssapi.NewInitiatorWrapToken(message, key)
	if err != nil {
		return nil, err
	}
	octets, err := token.Marshal()
	return answers{"token": octets}, err
}

func unwrap(octets []byte, key types.EncryptionKey) (answers, error) {
	var token gssapi.WrapToken
	if err := token.Unmarshal(octets, true); err != nil {
		return nil, err
	}
	_, err := token.Verify(key, keyusage.GSSAPI_ACCEPTOR_SEAL)
	return answers{"message": token.Payload, "encrypted": false}, err
}

func mic(message []byte, key types.EncryptionKey) (answers, error) {
	token, err := gssapi.NewInitiatorMICToken(message, key)
	if err != nil {
		return nil, err
	}
	octets, err := token.Marshal()
	return answers{"token": octets}, err
}

func verifyMic(message, octets []byte, key types.EncryptionKey) (answers, error) {
	var token gssapi.MICToken
	if err := token.Unmarshal(octets, true); err != nil {
		return nil, err
	}
	token.Payload = message
	_, err := token.Verify(key, keyusage.GSSAPI_ACCEPTOR_SIGN)
	return answers{"ok": true}, err
}

// The initiator of one ticket at a time.
type initiator struct {
	login *client.Client
	key   types.EncryptionKey
}

func (i *initiator) answer(line []byte) (answers, error) {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	switch {
	case asked.Init != nil:
		var err error
		if _, i.key, err = i.login.GetServiceTicket(asked.Init.Service); err != nil {
			return nil, err
		}
		token, err := initiate(i.login, asked.Init.Service, asked.Init.Mech, asked.Init.Flags)
		return answers{"complete": true, "token": token, "flags": asked.Init.Flags}, err
	case asked.Step != nil:
		return verify(asked.Step.Token)
	case asked.Wrap != nil && !asked.Wrap.Encrypt:
		return wrap(asked.Wrap.Message, i.key)
	case asked.Unwrap != nil:
		return unwrap(asked.Unwrap.Token, i.key)
	case asked.Mic != nil:
		return mic(asked.Mic.Message, i.key)
	case asked.VerifyMic != nil:
		return verifyMic(asked.VerifyMic.Message, asked.VerifyMic.Mic, i.key)
	}
	return nil, fmt.Errorf("no such command: %s", line)
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
	asked := initiator{login: login}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		said, err := asked.answer(lines.Bytes())
		if err != nil {
			said = answers{"error": answers{"major": 0xd0000, "minor": 0, "text": err.Error()}}
		}
		if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
			log.Fatal(err)
		}
	}
}
