// The device's side of a management session, as a value: a message in, what the tree was asked, a message out. No I/O.
//
//   state      | a message of the server                            | then
//   -----------+----------------------------------------------------+-----------------------------------------------------
//   new        | start()                                            | package 1: Alert 1200 or 1201, DevInfo, Final; begun
//   begun      | not authentic, first time                          | its commands get 401/407, a new nonce; nothing is done
//   begun      | not authentic, once more                           | refused; over
//   begun      | authentic, says 401/407 about us, first time       | package 1 again with the nonce it gave
//   begun      | authentic, says 401/407 once more                  | refused; over
//   begun      | authentic                                          | its commands run; trusted
//   trusted    | not authentic                                      | refused; nothing changes: send the last message again
//   trusted    | authentic, commands                                | they run in their order; Status and Results
//   trusted    | authentic, without Final                           | Status, Alert 1222
//   trusted    | authentic, Final and nothing to answer             | over
//   any        | authentic, Alert 1223                              | over
//
// A nonce from a server that proved nothing is used in this session's next message and never stored. The nonce of the server's
// last message stays, as no answer could carry another: the next notification or session begins with it. When a reply is lost the
// caller sends its last message again, as the same bytes. A command runs when its whole message was read and is authentic.
// Sequence runs in its order; Atomic is answered 406, its commands 215. A large object counts only when it is whole.
//
// Errors: those of decode(); Code::refused "dm.not_authentic" "dm.server_refuses_us" "dm.other_session"; Code::conflict
// "dm.message_order" "dm.session_over"; Code::malformed "dm.message_size" "dm.header_unanswered".
// Sources: OMA-TS-DM_Protocol-V1_2 §6–§9, OMA-TS-DM_StdObj-V1_2 (DevInfo), OMA-TS-DM_Security-V1_2.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "dm/auth.hpp"
#include "dm/messages.hpp"
#include "dm/tree.hpp"
#include "dm/value.hpp"

namespace tf::dm {

struct DeviceInfo {
  std::string device_id, manufacturer, model, dm_version = "1.0", language = "en";
};
struct ClientSettings {
  std::string server_uri, device_uri;  // as the server knows them
  Credential device;                   // what we prove
  Credential server;                   // what the server proves
  DeviceInfo info;
  std::size_t max_message = 16'384;    // bytes we take
  std::size_t max_object = 131'072;    // bytes of an object that comes in pieces
};

struct ClientStep {
  std::optional<Envelope> reply{};   // none: the session is over
  std::optional<Nonces> store{};     // to be kept for this server before the reply leaves
  bool aborted = false;              // by the server
  std::string respond_to{};          // where the server wants further messages; empty: the same place
};

class ClientSession {
 public:
  ClientSession(ClientSettings settings, Nonces nonces);

  // by_server: the session follows a notification (package0.hpp), whose session id it has.
  Result<Envelope> start(std::string session, bool by_server);
  Result<ClientStep> handle(const Envelope& in, Tree& tree, Random& random);
  // Ends the session with Alert 1223.
  Result<Envelope> abort();
  // The last message again, for a caller whose reply was lost.
  [[nodiscard]] const Envelope& last() const { return last_; }
  [[nodiscard]] bool over() const { return state_ == State::over; }
  [[nodiscard]] bool server_proved() const { return proved_; }

 private:
  enum class State { fresh, begun, trusted, over };

  Status addressed(const Header& header) const;
  Result<ClientStep> not_authentic(const Message& message, Proof proof, Random& random);
  Result<ClientStep> authentic(const Message& message, Tree& tree, Random& random);
  Result<bool> challenged(const Message& message);  // true: the server wants our proof with its new nonce
  void package_1();
  void answer_all(const Message& message, std::uint32_t code);

  // client_compose.cpp
  Result<Envelope> compose();
  Status fill(Message& out);
  Status cut(Results& whole, Message& out, std::size_t most);

  // client_commands.cpp
  void run(const Command& command, Tree& tree);
  void run(const Order& order, Tree& tree);
  void run_item(const Order& order, const Item& item, Tree& tree);
  std::uint32_t apply(const Order& order, const std::string& uri, const Meta& meta, const std::string& text, Tree& tree);
  void get(const Order& order, const std::string& uri, Tree& tree);
  std::uint32_t take_piece(const Order& order, const Item& item, const Meta& meta, Tree& tree);
  void lose_object();
  void answer(std::uint32_t id, std::string_view name, std::uint32_t code, std::string target = {});

  ClientSettings settings_;
  Nonces nonces_;       // of this session
  Bytes proven_send_;   // the last one that came with a proof; only that is stored
  State state_ = State::fresh;
  bool proved_ = false;
  bool server_challenged_ = false, we_were_challenged_ = false;
  std::string session_;
  std::uint32_t opening_ = 0;           // the Alert of package 1
  std::uint32_t message_ = 0, seen_ = 0;  // our last MsgID, the server's
  std::size_t peer_message_ = 0, peer_object_ = 0;
  bool server_final_ = true;            // the server's package is closed
  std::optional<CommandStatus> header_;  // our word about the server's message
  std::deque<Command> waiting_;         // to be sent; ids are given then
  bool cutting_ = false;                // the first that waits has gone in part
  Envelope last_;
  Assembly object_;
  std::optional<Verb> object_verb_;
};

}  // namespace tf::dm
