// The server side of a management session, as a value: a message in, what it brought, a message out. No I/O.
//
//   state     | a message of the device                                          | then
//   ----------+------------------------------------------------------------------+---------------------------------------------
//   setup     | not authentic, first time                                        | 401/407 with a new nonce; setup
//   setup     | not authentic, once more                                         | 401; over
//   setup     | authentic, package 1 (Alert 1200 or 1201, DevInfo), Final        | the first commands; management
//   management| not authentic                                                    | refused; nothing changes
//   management| authentic, says 401/407 about our message, first time            | the same commands with the nonce it gave
//   management| authentic, without Final                                         | the next piece, or Alert 1222
//   management| authentic, Final                                                 | the next commands; none left: Final alone, over
//   any       | the same bytes again                                             | the same reply again; nothing else happens
//   any       | authentic, Alert 1223                                            | its Status; over
//   any       | authentic, but against the protocol                              | refused; over
//
// Use: receive(), then commit what it says is to be stored, push() more tasks if the results ask for them, then reply(). Only one
// message is under way at a time; after an Error of receive() there is nothing to reply. A message is authentic by its MAC (auth.hpp) with the nonce we issued last; a new one goes with
// every reply. Commands are sent one by one unless a task allows company, for a device may run those of one message in any order.
//
// Errors of receive(): those of decode(); Code::refused "dm.not_authentic" "dm.other_session" "dm.device_refuses_us";
// Code::conflict "dm.message_order" "dm.session_over"; Code::malformed "dm.package_1" "dm.header_unanswered"
// "dm.unknown_reference" "dm.results" "dm.unanswered" "dm.message_size". Of reply(): Code::conflict "dm.nothing_to_answer".
// Sources: OMA-TS-DM_Protocol-V1_2 §6–§9, OMA-TS-DM_Security-V1_2.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "dm/auth.hpp"
#include "dm/messages.hpp"
#include "dm/value.hpp"

namespace tf::dm {

// What the device is to do. Get, Exec and Delete have no value of weight.
struct Task {
  std::uint64_t tag = 0;  // the caller's
  Verb verb = Verb::get;
  std::string uri;
  Value value{};
  bool together = false;        // may share a message with the task before it
  bool only_after_good = false; // not sent (code 215) when the task before it did not end well
};
struct Done {
  std::uint64_t tag = 0;
  std::uint32_t code = 0;       // the device's Status; 215 not sent, 413 larger than the device takes, 1225 the device missed pieces
  std::optional<Value> value{}; // of a Get that went well
};
struct DeviceAlert {
  std::uint32_t code = 0;  // 1224 or 1226
  std::vector<Item> items;
};

struct Received {
  bool repeated = false;       // the same bytes as before
  bool authentic = false;
  std::optional<Nonces> store{};  // to be kept for this device before the reply leaves
  std::map<std::string, std::string> device{};  // DevInfo, by URI; with package 1
  std::vector<Done> done{};
  std::vector<DeviceAlert> alerts{};
  bool aborted = false;
};

struct ServerSettings {
  std::string server_uri;  // Source of our messages
  std::string device_uri;  // Source of the device's
  Credential server;       // what we prove
  Credential device;       // what the device proves
  std::string session;     // SessionID
  std::size_t max_message = 16'384;  // bytes we take, and make at most
  std::size_t max_object = 131'072;  // bytes of a result
};

struct ServerReply {
  Envelope message;
  std::vector<Done> unsent{};  // tasks that ended without leaving: 215, 413
};

class ServerSession {
 public:
  ServerSession(ServerSettings settings, Nonces nonces);

  // Code::invalid "dm.value", "dm.uri".
  Status push(Task task);
  // read: what in says, where the caller had to look already.
  Result<Received> receive(const Envelope& in, Random& random, const Message* read = nullptr);
  Result<ServerReply> reply();
  void abort() { aborting_ = true; }  // the next reply ends the session with Alert 1223

  [[nodiscard]] bool over() const { return state_ == State::over; }
  [[nodiscard]] bool idle() const { return queue_.empty() && sent_.empty() && !large_; }

 private:
  enum class State { setup, management, over };
  struct Sent {  // a command whose Status is awaited
    std::uint32_t message, command;
    Task task;
    bool piece;  // of a large object, not its last
    std::optional<std::uint32_t> code{};
    std::optional<Value> value{};
    Assembly result;
  };
  struct Large {  // an object that goes out in pieces
    Task task;
    std::string text;
    std::size_t sent = 0;
  };

  // server_receive.cpp
  Result<Received> not_authentic(const Message& message, Proof proof, Random& random);
  Result<Received> authentic(const Message& message, Random& random);
  Status addressed(const Header& header) const;
  Status take_sizes(const Header& header);
  Result<bool> header_status(const Message& message);  // true: the device took our message
  Status take(const Command& command, Received& out);
  Status take_status(const CommandStatus& status, Received& out);
  Status take_results(const Results& results, Received& out);
  void take_alert(const Alert& alert, Received& out);
  void take_order(const Order& order, Received& out);
  void note_package_1(const Message& message, const Received& out);
  void finish(Sent& sent, Received& out);
  void done(Task& task, std::uint32_t code, std::optional<Value> value, Received& out);
  void requeue();
  void answer(std::uint32_t id, std::string_view name, std::uint32_t code);

  // server.cpp
  Result<Message> compose(std::vector<Done>& unsent);
  void add_answers(Message& out);
  Status fill(Message& out, std::vector<Done>& unsent);
  Status add_piece(Message& out);
  Result<std::size_t> size_of(const Message& message) const;

  ServerSettings settings_;
  Nonces nonces_;                  // of this session
  Bytes proven_send_;              // the last one that came with a proof; only that is stored
  State state_ = State::setup;
  bool challenged_ = false;        // the device, by us
  bool accepted_ = false;          // the device took a message of ours
  bool refused_by_device_ = false; // it challenged us
  bool last_good_ = true;          // how the task before ended
  bool aborting_ = false;
  bool alert_seen_ = false, information_seen_ = false;  // of package 1
  std::deque<Task> queue_;
  std::vector<Sent> sent_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> alerts_sent_;
  std::optional<Large> large_;
  std::uint32_t message_ = 0;      // our last MsgID
  std::uint32_t seen_ = 0;         // the device's last authentic one
  std::size_t peer_message_ = 0, peer_object_ = 0;  // the device's bounds

  // The answer under way.
  std::optional<Hash256> last_in_;
  std::optional<Envelope> last_out_;
  bool answering_ = false;
  std::uint32_t answered_message_ = 0, header_code_ = 0;
  bool final_in_ = false, package_open_ = false;  // package_open_: our last message had no Final for a large object
  std::vector<CommandStatus> answers_;
};

}  // namespace tf::dm
