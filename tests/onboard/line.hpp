// A line on which one message of a story suffers one fault. A story: a device that operator a registered gets its subscription.
#pragma once
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {

struct Heard {
  Message message;
  std::string answer;
};
using Recording = std::vector<Heard>;

struct Fault {
  enum class Kind { drop_request, drop_answer, duplicate, earlier, late, alter_request, alter_answer };
  std::string name;
  Kind kind;
  std::function<std::string(const std::string& body)> alter = {};
};
std::vector<Fault> transport_faults();
std::vector<Fault> cuts(bool of_request);
std::vector<Fault> corruptions(const std::string& sample, bool of_request, std::size_t positions);
// The same place of other recordings, as a whole and value by value.
std::vector<Fault> splices(const std::string& theirs, bool of_request, const std::string& whose);

class FaultyLine {
 public:
  FaultyLine(std::size_t place, const Fault& fault) : place_(place), fault_(fault) {}
  Result<std::string> operator()(const Message& message, const Deliver& deliver);

 private:
  const std::size_t place_;
  const Fault& fault_;
  std::size_t at_ = 0;
  std::vector<Message> before_;
  std::optional<Message> late_;
};

// The messages of a story without faults; the world it happens in is of this seed.
Recording record(const std::string& seed, const std::string& dsim_id = kId, const std::string& operator_id = "a");

}  // namespace tf::onboard::test
