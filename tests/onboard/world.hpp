// All sides of onboard in memory: registration servers, operators (credentialing server and HSS), provisioning servers that carry and
// do nothing else, OCSP responders. Stores keep the promises of a database: a row that changed meanwhile is a conflict, what is
// unique stays unique. Every message between any two goes over one line, on which tests stand.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "crypto/aka/functions.hpp"
#include "protocols/onboard/credentialing.hpp"
#include "protocols/onboard/device.hpp"
#include "protocols/onboard/registration.hpp"
#include "tests/onboard/estate.hpp"
#include "tests/support/expect.hpp"

namespace tf::onboard::test {

inline const std::string kId = "DSIM-0001";
inline const std::string kOtherId = "DSIM-0002";

struct Message {
  std::string to;     // "a.operator.test", "hss.a.operator.test", "rs1", "dm1"
  std::string route;
  std::string body;
  bool mutual = false;   // between servers, over mutual TLS: nobody alters it
  std::string from = {};
  std::string authorization = {};
};
using Deliver = std::function<Result<std::string>(const Message&)>;
using Line = std::function<Result<std::string>(const Message&, const Deliver&)>;

class World;

// A responder's answer to a question: DER, or none.
using Responder = std::function<Result<Bytes>(const Question&, const std::optional<Bytes>& nonce)>;
struct Ocsp {
  std::vector<Responder> responders;  // asked in this order
  std::set<std::string> revoked;      // serials
  int asked = 0;
  explicit Ocsp(const Clock& clock);
  [[nodiscard]] Responder honest() const;
  [[nodiscard]] Responder silent() const;
  // by: whose key and certificate; age_ms: how old the answer is; with_nonce: of the request.
  [[nodiscard]] Responder answering(const pki::Issuer* by, std::int64_t age_ms, bool with_nonce) const;
  Outcome ask(const Question& question);

 private:
  const Clock& clock_;
  tf::test::DeterministicRandom random_{"ocsp"};
};

struct RegistrationServer {
  std::string name;
  RegistrationPorts ports;
  std::map<std::string, RegisteredDevice> rows = {};
  bool up = true;
  Result<std::string> handle(const Message& message);
};

struct MadeCredential {
  Hash256 device{};
  CredentialsAnswer answer;
  std::string imsi;
  crypto::AkaKey key;
};

struct Operator {
  World& world;
  std::string id;
  std::string host;
  CredentialingPorts ports;
  Signer issuer;
  std::vector<std::string> told_servers = {"dm1", "dm2"};
  std::map<std::string, Registration> registrations = {};   // by id
  std::map<std::string, std::string> newest = {};           // DSIM_ID → id
  std::map<std::string, Session> sessions = {};
  std::set<std::pair<std::string, std::string>> told = {};  // delivery, provisioning server
  std::map<std::pair<std::string, Hash256>, MadeCredential> made = {};
  std::map<std::string, std::set<Hash256>> released = {};   // registration → envelope hashes it ever had
  std::set<std::string> suspended = {};                     // DSIM_IDs
  std::vector<Alarm> alarms = {};
  std::vector<std::string> audit = {};
  std::vector<Item> items = {};
  bool up = true;
  bool hss_up = true;
  crypto::AkaAlgorithm algorithm = crypto::AkaAlgorithm::milenage;  // of what the HSS makes
  std::function<void(SubscriberCredential&, CredentialsRequest&)> hss_does = {};  // a misbehaving HSS

  Result<std::string> handle(const Message& message);
  Result<std::string> handle_hss(const Message& message);
  Status contract(const Subscription& row);            // 0a and 0b
  Status withdraw(const std::string& dsim_id);
  Registration& registration_of(const std::string& dsim_id) { return registrations.at(newest.at(dsim_id)); }
  [[nodiscard]] bool has_alarm(AlarmKind kind) const;

 private:
  [[nodiscard]] DeviceSnapshot by_dsim(const std::string& dsim_id) const;
  [[nodiscard]] DeviceSnapshot by_id(const std::string& id) const;
  Status perform(Writes& writes);
  Result<std::string> settle(Step step);
  Result<std::string> on_request(const std::string& body);
  std::vector<Provisioning> deliver(Delivery& delivery);
};

struct Carrier {  // a provisioning server
  World& world;
  std::string name;
  std::map<std::string, Delivery> deliveries = {};
  bool up = true;
  std::function<Result<Bytes>(const std::string& delivery, Bytes envelope)> does = {};  // to what it carries
  bool keeps_receipts = false;
  Result<std::string> handle(const Message& message);
};

class World {
 public:
  explicit World(std::string_view seed = "onboard");
  World(const World&) = delete;
  Result<std::string> send(const Message& message);
  Result<std::string> deliver(const Message& message);
  Operator& add_operator(const std::string& id, Estate& whose = estate());

  tf::test::FixedClock clock;
  tf::test::DeterministicRandom random;
  tf::test::DeterministicRandom openssl_random;
  tf::test::OpenSslRandomness guard;
  ChainVerifier verifier;
  Ocsp ocsp;
  std::map<std::string, RegistrationServer> registration_servers;
  std::map<std::string, Operator> operators;  // "a", "b"
  std::map<std::string, Carrier> carriers;
  Line line = {};
};

// A device with its module.
struct Device {
  World& world;
  FactoryModule factory;
  std::string authorization = {};
  std::vector<std::string> servers = {"rs1", "rs2"};
  std::set<std::string> known_servers = {"rs1", "rs2"};
  std::set<std::string> allowed_operators = {};
  int power = 1'000'000;           // steps until it goes off
  std::optional<Ready> ready = {}; // in memory
  bool refer_again = false;
  std::vector<std::string> stages = {};

  explicit Device(World& world, const std::string& dsim_id = kId, const std::string& which = "");
  Device(World& world, FactoryModule factory) : world(world), factory(std::move(factory)) {}
  [[nodiscard]] module::SecureModule& module() { return *factory.module; }
  [[nodiscard]] DevicePorts ports() { return {world.clock, world.random, world.verifier, module(), known_servers, allowed_operators}; }
  Status run();            // until subscribed, or what ended it
  void power_cycle();
  [[nodiscard]] DeviceState state() { return must(load_state(module())); }
  [[nodiscard]] std::optional<std::string> imsi();

  Result<DeviceState> refer();
  Result<Ready> ask(const DeviceState& state);
  Result<Bytes> fetch(const Ready& ready, Provisioning& from);
  Result<DeviceState> take(const Ready& ready, ByteView envelope);

 private:
  Status tick();
  Status keep(const DeviceState& state);
  Status by_dm();
  Status send_receipt(const DeviceState& state);
  Result<std::string> send(const std::string& to, const std::string& route, const std::string& body);
};

// What must hold whatever happened.
void expect_sound(World& world, const std::vector<Device*>& devices);
// And after that, on a sound line, everybody finishes.
void expect_recovery(World& world, Device& device);

}  // namespace tf::onboard::test
