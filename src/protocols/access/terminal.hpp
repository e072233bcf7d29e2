// The terminal side of access: what to send, and what an answer means. No I/O.
//
//   begin_initialise    the request of S202 and what is kept until the answer
//   finish_initialise   S204: the platform proved itself; the binding to store
//   begin_authenticate  the request of S211
//   finish_authenticate S213: the platform proved itself; the ticket
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "crypto/keys.hpp"
#include "protocols/access/keys.hpp"

namespace tf::access {

// What the maker or the operator put into the terminal for one service.
struct Identity {
  Suite suite = Suite::modern;
  bool did_beside = false;  // classic: Did beside EDKey instead of inside
  std::string did;
  std::string service;
  std::string msisdn;  // empty where the service has no gateway
  std::string info;
  std::string platform_kid;
  crypto::PublicKey platform_key;
  std::optional<crypto::PrivateKey> device_key;  // enrolment by certificate …
  std::vector<Bytes> device_chain;
  std::string code;                              // … or by a code; used once
};

// What S204 stores.
struct Binding {
  std::string key_id;
  std::int64_t key_time_ms = 0;
  SecretBytes dkey;
  std::string private_apn;  // profile of the service on the private side; empty: none
};

struct InitialiseUnderWay {
  Initialisation content;
  std::string edkey;  // classic
  std::string body;   // POST /access/v1/initialise
};
// challenge: unused in classic. old: the binding that agrees to another number or Did, if there is one.
Result<InitialiseUnderWay> begin_initialise(const Identity& identity, const Challenge& challenge, const Binding* old, Random& random);
// Code::refused "access.platform_mac" when the answer was not made with our DKey, "access.number_differs" for another number.
Result<Binding> finish_initialise(const Identity& identity, const InitialiseUnderWay& sent, std::string_view body);

struct AuthenticateUnderWay {
  std::string first;  // of Fresh: nonce_p, or the time
  Nonce nonce_t{};
  std::string body;  // POST /access/v1/authenticate
};
// challenge: unused in classic; now_ms: unused in modern.
AuthenticateUnderWay begin_authenticate(const Identity& identity, const Binding& binding, const Challenge& challenge, std::int64_t now_ms, Random& random);
struct Authenticated {
  std::string ticket;       // a JWT
  std::string private_apn;  // as in Binding
};
// Code::refused "access.platform_mac".
Result<Authenticated> finish_authenticate(const Identity& identity, const Binding& binding, const AuthenticateUnderWay& sent, std::string_view body);

}  // namespace tf::access
