// Every APDU of an enrolment, a payment and an update suffers every fault, one at a time: lost, doubled, out of order, altered at several places,
// another session's, another card's. Whatever ends, no promise is broken: what is certified is on the card, what is paid was signed by the card
// for that order, and an honest session afterwards succeeds.
#include <fmt/format.h>

#include "tests/cardsign/world.hpp"

namespace tf::cardsign::test {
namespace {

using Batches = std::vector<std::vector<Bytes>>;

struct Fault {
  std::string name;
  bool of_answers = true;  // or of the commands before the card sees them
  std::function<void(std::vector<Bytes>& batch, std::size_t at)> happen;
};

void flip(Bytes& octets, std::size_t place) {
  if (!octets.empty()) octets[octets.size() * place / 4 % octets.size()] ^= 0x01;
}

std::vector<Fault> faults(const std::vector<std::pair<std::string, Batches>>& others, int exchange) {
  std::vector<Fault> out;
  for (const bool answers : {false, true}) {
    const std::string of = answers ? "answer" : "command";
    out.push_back({of + " lost", answers, [](auto& batch, std::size_t at) { batch.erase(batch.begin() + static_cast<std::ptrdiff_t>(at)); }});
    out.push_back({of + " doubled", answers, [](auto& batch, std::size_t at) { batch.insert(batch.begin() + static_cast<std::ptrdiff_t>(at), Bytes(batch[at])); }});
    out.push_back({of + " before its neighbour", answers, [](auto& batch, std::size_t at) { std::swap(batch[at], batch[at == 0 ? batch.size() - 1 : at - 1]); }});
    out.push_back({of + " cut", answers, [](auto& batch, std::size_t at) { batch[at].resize(batch[at].size() / 2); }});
    out.push_back({of + " longer", answers, [](auto& batch, std::size_t at) { batch[at].push_back(0); }});
    for (std::size_t place = 0; place < 4; ++place)
      out.push_back({fmt::format("{} altered at {}/4", of, place), answers, [place](auto& batch, std::size_t at) { flip(batch[at], place); }});
  }
  out.push_back({"answer an error", true, [](auto& batch, std::size_t at) { batch[at] = {0x6A, 0x80}; }});
  out.push_back({"answer 9000 without data", true, [](auto& batch, std::size_t at) { batch[at] = {0x90, 0x00}; }});
  for (const auto& [name, batches] : others) {
    if (static_cast<std::size_t>(exchange) >= batches.size()) continue;
    out.push_back({"answer of " + name, true, [batch_of = batches[static_cast<std::size_t>(exchange)]](auto& batch, std::size_t at) {
      if (at < batch_of.size()) batch[at] = batch_of[at];
    }});
  }
  return out;
}

// Answers of a whole session without faults.
template <class Session>
Batches record(World& world, CardUnderTest& card, Session&& session) {
  Batches out;
  const Relay honest = world.relay_of(card);
  session([&](int exchange, const Commands& commands) { return out.emplace_back(honest(exchange, commands)); });
  return out;
}

Relay faulty(World& world, CardUnderTest& card, int exchange, std::size_t at, const Fault& fault) {
  return [exchange, at, &fault, honest = world.relay_of(card)](int now, const Commands& commands) {
    Commands sent = commands;
    if (now == exchange && !fault.of_answers && at < sent.apdus.size()) fault.happen(sent.apdus, at);
    std::erase_if(sent.apdus, [](const Bytes& each) { return each.size() < 4; });  // nothing that a reader takes
    auto answers = honest(now, sent);
    if (now == exchange && fault.of_answers && at < answers.size()) fault.happen(answers, at);
    return answers;
  };
}

TEST(CardsignFaults, of_an_enrolment_leave_no_certificate_for_a_key_that_is_elsewhere) {
  Policy one_slot;
  one_slot.slots = {Slot::payment};
  World world("fault enrol", one_slot);
  const auto other = world.make_card("TF-000002");
  world.add(*other, "berta");
  const Batches berta = record(world, *other, [&](const Relay& relay) { must(world.enrol(*other, relay)); });
  const auto sample_card = world.make_card("TF-000001");
  world.add(*sample_card, "anna");
  const Batches sample = record(world, *sample_card, [&](const Relay& relay) { must(world.enrol(*sample_card, relay)); });
  world.stored.clear();
  for (std::size_t exchange = 0; exchange < sample.size(); ++exchange) {
    for (const Fault& fault : faults({{"another card", berta}, {"an earlier session", sample}}, static_cast<int>(exchange))) {
      for (std::size_t at = 0; at < sample[exchange].size(); ++at) {
        SCOPED_TRACE(fmt::format("exchange {} {}: {}", exchange, at, fault.name));
        world.stored["TF-000001"].clear();
        const auto end = world.enrol(*sample_card, faulty(world, *sample_card, static_cast<int>(exchange), at, fault));
        if (!end) EXPECT_NE(end.error().code, Code::internal) << describe(end.error());
        // An honest session goes on from wherever that one ended, and the card pays with what it has.
        ASSERT_OK(world.enrol(*sample_card));
        ASSERT_OK(world.pay(*sample_card, world.order(fmt::format("{}.{}", exchange, world.signed_payments.size()))));
      }
    }
  }
}

class PaymentFaults : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Ways, PaymentFaults, testing::Bool(), [](const auto& info) { return info.param ? "sealed" : "open"; });

TEST_P(PaymentFaults, of_a_payment_never_make_one_that_the_card_did_not_sign) {
  Policy policy;
  policy.slots = {Slot::payment};
  policy.sealed = GetParam();
  World world("fault pay", policy);
  const auto card = world.enrolled("TF-000001", "anna");
  const auto other = world.enrolled("TF-000002", "berta");
  const Batches berta = record(world, *other, [&](const Relay& relay) { must(world.pay(*other, world.order("B-1"), relay)); });
  const Batches sample = record(world, *card, [&](const Relay& relay) { must(world.pay(*card, world.order("S-1"), relay)); });
  int number = 0;
  for (std::size_t exchange = 0; exchange < sample.size(); ++exchange) {
    for (const Fault& fault : faults({{"another card", berta}, {"an earlier payment", sample}}, static_cast<int>(exchange))) {
      for (std::size_t at = 0; at < sample[exchange].size(); ++at) {
        SCOPED_TRACE(fmt::format("exchange {} {}: {}", exchange, at, fault.name));
        const auto payment = world.order(fmt::format("F-{}", ++number));
        const auto end = world.pay(*card, payment, faulty(world, *card, static_cast<int>(exchange), at, fault));
        EXPECT_EQ(end.has_value(), world.signed_payments.contains(payment));
        if (end) {
          const SignedPayment& made = world.signed_payments.at(payment);
          const auto key = must(must(pki::Certificate::from_der(made.certificate)).public_key());
          EXPECT_TRUE(apdu::shield::verify_signature(key, made.octets, made.signature));
          EXPECT_EQ(must(apdu::PaymentStructure::parse(made.structure)).order, world.orders.at(payment).number);
        } else {
          EXPECT_NE(end.error().code, Code::internal) << describe(end.error());
          ASSERT_OK(world.pay(*card, payment));
        }
      }
    }
  }
}

TEST(CardsignFaults, of_an_update_prove_nothing_that_did_not_happen) {
  World world("fault update");
  const auto card = world.enrolled("TF-000001", "anna");
  const auto key = must(must(pki::Certificate::from_der(world.stored["TF-000001"][Slot::payment])).public_key());
  const auto queue = [&] { world.updates = {{.id = "u", .container = 0, .slot = Slot::payment, .certificate = world.issue(Slot::payment, "anna", "TF-000001", key).der()}}; };
  queue();
  const Batches sample = record(world, *card, [&](const Relay& relay) { must(world.update(*card, relay)); });
  for (const Fault& fault : faults({{"an earlier update", sample}}, 0)) {
    for (std::size_t at = 0; at < sample[0].size(); ++at) {
      SCOPED_TRACE(fmt::format("{}: {}", at, fault.name));
      queue();
      const Bytes wanted = world.updates.front().certificate;
      const auto end = world.update(*card, faulty(world, *card, 0, at, fault));
      if (end && !end->empty()) {
        const auto session = must(terminal::carry_out(card->in_reach, {must(apdu::shield::select().encode()), must(apdu::shield::read_certificate(Slot::payment).encode())}));
        EXPECT_EQ(must(apdu::ResponseApdu::parse(session.answers.back())).data, wanted);
      } else {
        ASSERT_OK(world.update(*card));
      }
    }
  }
}

}  // namespace
}  // namespace tf::cardsign::test
