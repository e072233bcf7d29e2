// A line between terminal and platform on which one message of a story suffers one fault. A story is a terminal without a
// key that wants a ticket: modern has eight messages (two challenges among them), classic four; the even ones are
// requests.
#pragma once
#include "tests/access/scene.hpp"

namespace tf::platform::test {

constexpr int messages_of(access::Suite suite) { return suite == access::Suite::modern ? 8 : 4; }

struct Heard {
  std::string route;  // of the request, or of the request it answers
  std::string body;
};
using Recording = std::vector<Heard>;

struct Fault {
  enum class Kind { drop, duplicate, earlier, reroute, alter };
  enum class Outcome { finishes, ends, either };  // of the story that suffers it
  std::string name;
  Kind kind;
  Outcome outcome;
  std::function<std::string(const std::string& body)> alter = {};
  std::string route = {};
};

// What may befall a message, by name.
std::vector<Fault> transport_faults(access::Suite suite, int message);
std::vector<Fault> corruptions(const std::string& sample, std::size_t positions);
std::vector<Fault> splices(int message, const std::vector<std::pair<std::string, Recording>>& others);

// A terminal with its SIM: what it holds, and what it stored and switched to.
struct Phone {
  terminal::AccessDevice device;
  int saves = 0;
  std::string profile;  // the route it was told last

  terminal::AccessClient client(const Clock& clock, Random& random, terminal::AccessExchange exchange);
  [[nodiscard]] std::string key_id() const { return device.binding ? device.binding->key_id : ""; }
};

// Counts what the platform bound for the terminal behind it, whether it was told or not.
class Line {
 public:
  explicit Line(terminal::AccessExchange exchange) : exchange_(std::move(exchange)) {}
  virtual ~Line() = default;
  [[nodiscard]] int bound() const { return bound_; }
  virtual Result<net::HttpResponse> post(const std::string& target, const std::string& body) { return deliver(target, body); }
  terminal::AccessExchange exchange() {
    return [this](const std::string& target, const std::string& body) { return post(target, body); };
  }

 protected:
  Result<net::HttpResponse> deliver(const std::string& target, const std::string& body);

 private:
  terminal::AccessExchange exchange_;
  int bound_ = 0;
};

class FaultyLine final : public Line {
 public:
  FaultyLine(terminal::AccessExchange exchange, int message, const Fault& fault)
      : Line(std::move(exchange)), message_(message), fault_(fault) {}
  Result<net::HttpResponse> post(const std::string& target, const std::string& body) override;

 private:
  Result<net::HttpResponse> faulty_request(const std::string& target, const std::string& body);

  const int message_;
  const Fault& fault_;
  int at_ = 0;  // the next message
  Recording requests_;
};

// A world with stories: what must hold after each, however it ended.
struct StoryWorld : AccessWorld {
  Phone phone(const std::string& did, const std::string& number, access::Suite suite) { return {{identity(did, "open", number, suite), {}}, 0, {}}; }
  Result<std::string> tell(Phone& phone, Line& line) { return phone.client(scene.clock, dice, line.exchange()).authenticate(phone.device); }
  // Over a sound line, from the beginning, to the end.
  Recording record(const std::string& did, const std::string& number, access::Suite suite);
  // No binding of anybody's stands; what was used stays used.
  void forget() { scene.script("DELETE FROM access_keys; DELETE FROM access_alarms"); }
  // Nothing is bound but to this phone's Did and number, and once; what is bound is what the phone holds, unless the line
  // swallowed an answer; what it holds it keeps.
  void expect_sound(const Phone& phone, const Line& line);
  // Both sides have the same key with the same KeyTime, and the ticket is for it.
  void expect_agreement(const Phone& phone, const std::string& ticket);
  // A sound line brings a ticket, whatever came before.
  void expect_recovery(Phone& phone);
  std::string active_key();  // "" when there is none

  tf::test::DeterministicRandom dice{"phones"};
};

}  // namespace tf::platform::test
