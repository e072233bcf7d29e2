// A line between terminal and platform on which one message suffers one fault. A conversation has eight messages: 0
// hello, 1 server hello, 2 proof, 3 token, 4 token, 5 delivery, 6 receipt, 7 acknowledgement; the even ones are
// requests.
#pragma once
#include "tests/rki/scene.hpp"

namespace tf::rki::test {

inline constexpr int kMessages = 8;
inline constexpr std::string_view kRoutes[] = {"hello", "proof", "token", "receipt"};
using Recording = std::vector<std::string>;  // the bodies of one conversation

struct Fault {
  enum class Kind { drop, duplicate, earlier, reroute, alter };
  enum class Outcome { finishes, ends, either };  // of the conversation that suffers it
  std::string name;
  Kind kind;
  Outcome outcome;
  std::function<std::string(const std::string& body, const std::string& session)> alter = {};
  std::string route = {};
};

// The whole conversation of a terminal, which must succeed.
Recording record(MemoryPlatform& platform, TerminalUnderTest terminal);
// The text of the session in a body; empty when there is none.
std::string session_in(std::string_view body);

// What may befall a message, by name.
std::vector<Fault> transport_faults(int message);
std::vector<Fault> corruptions(const std::string& sample, std::size_t positions);
std::vector<Fault> splices(int message, const std::vector<std::pair<std::string, Recording>>& others);

class FaultyLine {
 public:
  FaultyLine(MemoryPlatform& platform, int message, const Fault& fault)
      : platform_(platform), message_(message), fault_(fault) {}
  Result<std::string> post(std::string_view route, const std::string& body);
  Exchange exchange() {
    return [this](std::string_view route, const std::string& body) { return post(route, body); };
  }

 private:
  Result<std::string> deliver(std::string_view route, const std::string& body);
  Result<std::string> faulty_request(std::string_view route, const std::string& body);
  Result<std::string> faulty_reply(Result<std::string> reply);

  MemoryPlatform& platform_;
  const int message_;
  const Fault& fault_;
  int at_ = 0;  // the next message
  bool token_accepted_ = false;
  std::string session_;
  std::vector<std::pair<std::string, std::string>> requests_;
};

}  // namespace tf::rki::test
