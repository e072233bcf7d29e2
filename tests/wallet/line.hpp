// A line between phone and platform on which one message of a story suffers one fault. A story: a phone without anything
// registers, activates, logs in, (enrols a card and takes it away,) pays A-1, asks, and has some of it given back.
#pragma once
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {

enum class Story { modern, modern_key_of_platform, classic };
std::string_view name_of(Story story);

struct Heard {
  std::string route;
  std::string body;
};
using Recording = std::vector<Heard>;  // requests at even places, their answers after them

struct Fault {
  enum class Kind { drop, duplicate, earlier, reroute, alter };
  enum class Outcome { finishes, ends, either };  // of the story that suffers it
  std::string name;
  Kind kind;
  Outcome outcome = Outcome::either;
  std::function<std::string(const std::string& body)> alter = {};
  std::string route = {};
};
std::vector<Fault> transport_faults(bool request);
std::vector<Fault> corruptions(const std::string& sample, std::size_t positions);
// The same place of another recording, as a whole and value by value.
std::vector<Fault> splices(const Heard& here, std::size_t place, const std::vector<std::pair<std::string, Recording>>& others);

class FaultyLine {
 public:
  FaultyLine(World& world, int message, const Fault& fault) : world_(world), message_(message), fault_(fault) {}
  Result<std::string> operator()(std::string_view route, const std::string& body);

 private:
  World& world_;
  const int message_;
  const Fault& fault_;
  int at_ = 0;
  Recording requests_;
};

// A world with stories, and what must hold after each, however it ended.
struct StoryWorld {
  World world;
  bool enrols = false;

  Phone phone(Story story, const std::string& number = "8613800000001");
  // What the phone learned of its payment; the Error that ended the story.
  Result<ResultClaim> tell(Phone& phone);
  Recording record(Story story, const std::string& number = "8613800000001");
  void forget();
  void expect_sound(const Phone& phone, const Result<ResultClaim>& end);
  void expect_recovery(Story story);
};

}  // namespace tf::wallet::test
