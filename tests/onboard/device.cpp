// A device as an application would drive it: each state is kept before the next message, and the power may go at any step.
#include "protocols/onboard/identity.hpp"
#include "protocols/onboard/refusal.hpp"
#include "tests/onboard/world.hpp"
#include "wire/json.hpp"

namespace tf::onboard::test {
namespace {

const Error kOff{Code::unavailable, "test.power_off", "the power went off"};

std::string dm_body(const Account& account, std::string_view receipt) {
  wire::JsonWriter writer;
  writer.begin_object().member("user", account.user).member("password", as_text(account.password.reveal()));
  if (!receipt.empty()) writer.member("receipt", receipt);
  return writer.end_object().take();
}

}  // namespace

Device::Device(World& world, const std::string& dsim_id, const std::string& which) : world(world), factory(module_of(dsim_id, which)) {}

Status Device::tick() { return power-- > 0 ? Status() : Status(kOff); }

Status Device::keep(const DeviceState& state) {
  TF_CHECK(tick());
  stages.emplace_back(name_of(state.stage));
  TF_CHECK(save_state(module(), state));
  return tick();
}

void Device::power_cycle() {
  ready.reset();
  power = 1'000'000;
  factory.power_cycle();
}

std::optional<std::string> Device::imsi() {
  const auto held = module().credential(module::Slot::subscription);
  return held ? std::optional(held->imsi) : std::nullopt;
}

Result<std::string> Device::send(const std::string& to, const std::string& route, const std::string& body) {
  TF_CHECK(tick());
  auto answer = world.send({.to = to, .route = route, .body = body, .authorization = authorization});
  TF_CHECK(tick());
  return answer;
}

Result<DeviceState> Device::refer() {
  Error last{Code::unavailable, "test.silent", "no registration server answers"};
  for (const std::string& server : servers) {
    const auto sent = TF_TRY(begin_referral(state(), ports()));
    const auto answer = send(server, "referral", sent.body);
    if (answer) return finish_referral(sent, *answer, ports());
    last = answer.error();
    if (last.code != Code::unavailable) return last;
  }
  return last;
}

Result<Ready> Device::ask(const DeviceState& state) {
  const std::string to = TF_TRY(host_of(state.route.front()));
  const auto hello = TF_TRY(begin_hello(state, ports()));
  const auto request = TF_TRY(begin_request(state, hello, TF_TRY(send(to, "hello", hello.body)), ports()));
  return finish_request(state, request, TF_TRY(send(to, "request", request.body)), ports());
}

// from: the provisioning server that had it, and our account there.
Result<Bytes> Device::fetch(const Ready& ready, Provisioning& from) {
  Error last{Code::unavailable, "test.silent", "no provisioning server answers"};
  for (const Provisioning& each : ready.provisioning) {
    const auto answer = send(each.server.server_id, "dm", dm_body(each.account, ""));
    from = each.clone();
    if (answer) return decode_envelope(*answer);
    last = answer.error();
  }
  return last;
}

Result<DeviceState> Device::take(const Ready& ready, ByteView envelope) {
  const auto under_way = TF_TRY(begin_install(ready, envelope, ports()));
  std::vector<Outcome> outcomes;
  for (const Question& question : under_way.questions) outcomes.push_back(world.ocsp.ask(question));
  TF_CHECK(tick());
  return install(ready, under_way, outcomes, ports());
}

Status Device::by_dm() {
  Provisioning at;
  const Bytes envelope = TF_TRY(fetch(*ready, at));
  const DeviceState stored = TF_TRY(take(*ready, envelope));
  ready.reset();
  TF_CHECK(keep(stored));
  (void)send(at.server.server_id, "dm_receipt", dm_body(at.account, stored.receipt));  // its word counts nothing: the receipt goes the direct way too
  return {};
}

Status Device::send_receipt(const DeviceState& state) {
  const std::string answer = TF_TRY(send(TF_TRY(host_of(state.route.front())), "receipt", begin_receipt(state)));
  return keep(TF_TRY(finish_receipt(state, answer)));
}

Status Device::run() {
  for (int turns = 0; turns < 8; ++turns) {
    const DeviceState now = TF_TRY(load_state(module()));
    if (now.stage == Stage::subscribed) return {};
    if (now.stage == Stage::stored) {
      TF_CHECK(send_receipt(now));
    } else if (already_held(now, module())) {
      TF_CHECK(keep(TF_TRY(receipt_of_held(now, ports()))));
    } else if (now.stage == Stage::preliminary || refer_again) {
      refer_again = false;
      TF_CHECK(keep(TF_TRY(refer())));
    } else if (ready) {
      TF_CHECK(by_dm());
    } else {
      auto asked = ask(now);
      if (!asked) {
        refer_again = asked.error().code == Code::refused;
        return asked.error();
      }
      ready = std::move(*asked);
      TF_CHECK(keep(ready->state));
    }
  }
  return Error{Code::internal, "test.endless", "the device goes round in circles"};
}

void expect_sound(World& world, const std::vector<Device*>& devices) {
  std::map<std::string, std::string> holder;  // IMSI → DSIM_ID
  for (auto& [id, one] : world.operators) {
    for (const auto& [registration, envelopes] : one.released) EXPECT_LE(envelopes.size(), 1U) << "another envelope for the same registration";
    for (const auto& [dsim_id, made] : one.made) EXPECT_TRUE(holder.emplace(made.imsi, "").second) << "one IMSI for two devices";
  }
  for (Device* device : devices) {
    const auto imsi = device->imsi();
    if (!imsi) continue;
    ASSERT_TRUE(holder.contains(*imsi)) << "the device holds what no HSS made";
    EXPECT_TRUE(holder[*imsi].empty() || holder[*imsi] == device->module().dsim_id()) << "two devices with one credential";
    holder[*imsi] = device->module().dsim_id();
  }
  for (auto& [id, one] : world.operators)
    for (const auto& [name, registration] : one.registrations) {
      if (registration.state != RegistrationState::closed) continue;
      const bool held = std::ranges::any_of(devices, [&](Device* device) {
        const auto credential = device->module().credential(module::Slot::subscription);
        return device->module().dsim_id() == registration.dsim_id && credential && std::ranges::equal(credential->note, registration.envelope_hash);
      });
      EXPECT_TRUE(held) << "closed though the device has nothing";
    }
}

void expect_recovery(World& world, Device& device) {
  world.line = {};
  const auto before = device.imsi();
  Status end = Error{Code::internal, "test.not_run", ""};
  for (int tries = 0; tries < 3 && !end; ++tries) {
    device.power_cycle();
    end = device.run();
  }
  EXPECT_OK(end);
  ASSERT_TRUE(device.imsi().has_value());
  if (before) EXPECT_EQ(*device.imsi(), *before) << "a second credential";
  EXPECT_EQ(device.state().stage, Stage::subscribed);
  EXPECT_EQ(world.operators.at("a").registration_of(device.module().dsim_id()).state, RegistrationState::closed);
}

}  // namespace tf::onboard::test
