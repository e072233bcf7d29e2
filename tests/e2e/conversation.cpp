#include "tests/e2e/conversation.hpp"

namespace tf::test {
namespace {

SystemClock system_clock;
SystemRandom system_random;

}  // namespace

std::string hello_of(const rki::Identity& identity) { return rki::begin(identity, 1, {system_clock, system_random}).value().send->body; }

Conversation::Conversation(const Fleet& fleet, const std::string& serial)
    : fleet_(fleet), device_(fleet.device(serial)),
      transport_(terminal::HttpTransport::create({.url = Scene::get().url()}, device_.identity.root).value()),
      step_(rki::begin(device_.identity, 1, {system_clock, system_random}).value()) {}

Result<terminal::Reply> Conversation::post() { return transport_.post(step_.send->route, step_.send->body); }

void Conversation::step() {
  const auto reply = post().value();
  ASSERT_EQ(reply.status, 200) << step_.send->route << ": " << reply.body;
  body_ = reply.body;
  auto next = rki::step(std::move(step_.next), body_, device_.identity, {system_clock, system_random});
  ASSERT_TRUE(next) << describe(next.error());
  step_ = std::move(*next);
  if (step_.install) device_.install(std::move(*step_.install));
  if (const auto* finished = std::get_if<rki::Finished>(&step_.next)) device_.confirm(*finished);
  ASSERT_TRUE(fleet_.files().save(device_));
}

void Conversation::finish() {
  while (!finished() && !testing::Test::HasFatalFailure()) step();
}

}  // namespace tf::test
