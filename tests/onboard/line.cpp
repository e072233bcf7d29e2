#include "tests/onboard/line.hpp"

#include <fmt/format.h>

namespace tf::onboard::test {
namespace {

const Error kLost{Code::unavailable, "test.lost", "the message was lost"};
using Kind = Fault::Kind;

Fault altering(bool of_request, std::string name, std::function<std::string(const std::string&)> alter) {
  return {(of_request ? "request " : "answer ") + std::move(name), of_request ? Kind::alter_request : Kind::alter_answer, std::move(alter)};
}

struct Value {
  std::string name;
  std::size_t from = 0;
  std::size_t to = 0;
};

// Where the values of a body begin and end: what stands in quotes, member names aside, and numbers.
std::vector<Value> values_of(const std::string& body) {
  std::vector<Value> out;
  for (std::size_t colon = body.find("\":"); colon != std::string::npos; colon = body.find("\":", colon + 1)) {
    const std::size_t name = body.rfind('"', colon - 1) + 1;
    std::size_t from = colon + 2;
    while (from < body.size() && (body[from] == '[' || body[from] == '{')) ++from;  // the first of a list
    const bool text = from < body.size() && body[from] == '"';
    if (text) ++from;
    const std::size_t to = text ? body.find('"', from) : body.find_first_of(",}]", from);
    if (to != std::string::npos && to > from) out.push_back({body.substr(name, colon - name), from, to});
  }
  return out;
}

char another(char c) { return c == 'A' ? 'B' : c == '1' ? '2' : c >= '0' && c <= '9' ? '1' : 'A'; }

}  // namespace

std::vector<Fault> transport_faults() {
  return {{"lost", Kind::drop_request},       {"heard, and its answer lost", Kind::drop_answer}, {"doubled", Kind::duplicate},
          {"after all earlier ones again", Kind::earlier}, {"lost, and comes after the next one", Kind::late}};
}

std::vector<Fault> cuts(bool of_request) {
  std::vector<Fault> out;
  for (const std::size_t part : {1U, 2U, 3U})
    out.push_back(altering(of_request, fmt::format("cut to {}/4", part), [part](const std::string& body) { return body.substr(0, body.size() * part / 4); }));
  out.push_back(altering(of_request, "without its last byte", [](const std::string& body) { return body.empty() ? body : body.substr(0, body.size() - 1); }));
  out.push_back(altering(of_request, "with a byte more", [](const std::string& body) { return body + "}"; }));
  out.push_back(altering(of_request, "with an unknown member", [](const std::string& body) { return body.empty() ? body : "{\"more\":1," + body.substr(1); }));
  out.push_back(altering(of_request, "twice in one", [](const std::string& body) { return body + body; }));
  out.push_back(altering(of_request, "with white space around it", [](const std::string& body) { return " " + body + "\n"; }));
  return out;
}

std::vector<Fault> corruptions(const std::string& sample, bool of_request, std::size_t positions) {
  std::vector<Fault> out;
  for (std::size_t i = 0; i < positions && !sample.empty(); ++i) {
    const std::size_t at = i * sample.size() / positions;
    const unsigned bit = static_cast<unsigned>(i % 7);
    out.push_back(altering(of_request, fmt::format("with bit {} of byte {} flipped", bit, at), [at, bit](std::string body) {
      if (at < body.size()) body[at] = static_cast<char>(body[at] ^ static_cast<char>(1U << bit));
      return body;
    }));
  }
  const auto values = values_of(sample);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (const std::size_t where : {0U, 1U, 2U})
      out.push_back(altering(of_request, fmt::format("with {}'s character at {}/2 another", values[i].name, where), [i, where](std::string body) {
        const auto here = values_of(body);
        if (i < here.size()) {
          char& c = body[here[i].from + (here[i].to - 1 - here[i].from) * where / 2];
          c = another(c);
        }
        return body;
      }));
  return out;
}

std::vector<Fault> splices(const std::string& theirs, bool of_request, const std::string& whose) {
  std::vector<Fault> out;
  out.push_back(altering(of_request, "that of " + whose, [theirs](const std::string&) { return theirs; }));
  for (const Value& value : values_of(theirs)) {
    const std::string text = theirs.substr(value.from, value.to - value.from);
    out.push_back(altering(of_request, fmt::format("with {} of {}", value.name, whose), [name = value.name, text](std::string body) {
      for (const Value& mine : values_of(body))
        if (mine.name == name) return body.replace(mine.from, mine.to - mine.from, text);
      return body;
    }));
  }
  return out;
}

Result<std::string> FaultyLine::operator()(const Message& message, const Deliver& deliver) {
  if (late_) {
    const Message late = *std::exchange(late_, std::nullopt);
    auto answer = deliver(message);
    (void)deliver(late);
    return answer;
  }
  const bool here = at_++ == place_;
  before_.push_back(message);
  if (!here) return deliver(message);
  switch (fault_.kind) {
    case Kind::drop_request: return kLost;
    case Kind::drop_answer: (void)deliver(message); return kLost;
    case Kind::late: late_ = message; return kLost;
    case Kind::duplicate: {
      auto first = deliver(message);
      (void)deliver(message);
      return first;
    }
    case Kind::earlier: {
      const auto before = before_;
      for (std::size_t i = 0; i + 1 < before.size(); ++i) (void)deliver(before[i]);
      return deliver(message);
    }
    case Kind::alter_request: {
      Message altered = message;
      altered.body = fault_.alter(message.body);
      return deliver(altered);
    }
    case Kind::alter_answer: break;
  }
  auto answer = deliver(message);
  if (!answer) return answer;
  return fault_.alter(*answer);
}

Recording record(const std::string& seed, const std::string& dsim_id, const std::string& operator_id) {
  World world(seed);
  must(world.operators.at(operator_id).contract({dsim_id, "Anna", "plan-1", {}, {}}));
  Recording out;
  world.line = [&](const Message& message, const Deliver& deliver) {
    const std::size_t at = out.size();
    out.push_back({message, {}});
    auto answer = deliver(message);
    if (answer) out[at].answer = *answer;
    return answer;
  };
  Device device(world, dsim_id);
  EXPECT_OK(device.run());
  return out;
}

}  // namespace tf::onboard::test
