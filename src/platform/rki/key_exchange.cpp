// Keys of terminals out to and in from an acquirer's host, and new sets. Declared in zones.hpp.
#include <fmt/format.h>

#include <algorithm>

#include "platform/rki/store.hpp"
#include "platform/zones.hpp"

namespace tf::platform {
namespace {

struct TerminalKeys {
  rki::TerminalRecord terminal;
  std::vector<rki::KeyRecord> keys;  // newest set first
};

Result<TerminalKeys> load(Context& context, const wire::Dsn& dsn) {
  std::optional<rki::TerminalRecord> terminal;
  std::vector<rki::KeyRecord> keys;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    terminal = TF_TRY(load_terminal(session, dsn));
    keys = TF_TRY(load_keys(session, dsn));
    return {};
  }));
  if (!terminal) return Error{Code::not_found, "estate.unknown_dsn", "no terminal " + dsn.text() + " in the estate"};
  return TerminalKeys{std::move(*terminal), std::move(keys)};
}

// The version of a block is that of the key that protects it: B under TDES, D under AES.
Result<crypto::KeyBlockHeader> header_under(const ZoneRecord& zone, const rki::KeyRecord& key) {
  auto header = TF_TRY(rki::header_of(key.suite, key.slot, key.set));
  header.version = zone.spec.algorithm == vault::SymmetricAlgorithm::aes ? 'D' : 'B';
  return header;
}

rki::Suite suite_for(const TerminalKeys& terminal) {
  if (!terminal.keys.empty()) return terminal.keys.front().suite;
  return terminal.terminal.policy.suites().front();
}

// Fresh keys for every slot of the plan but the given one.
Result<std::vector<rki::KeyRecord>> new_set(Context& context, const TerminalKeys& terminal, const rki::KeyRecord* given) {
  const auto& plan = context.config.plan_for(terminal.terminal.group);
  const std::int64_t number = terminal.keys.empty() ? 1 : terminal.keys.front().set + 1;
  TF_TRY(rki::key_version_text(number));
  const rki::Suite suite = suite_for(terminal);
  std::vector<rki::KeyRecord> out;
  for (std::size_t i = 0; i < plan.slots.size(); ++i) {
    const rki::Slot slot = plan.slots[i];
    rki::KeyRecord key{slot, number, plan.part_of(i), suite, {}, {}, rki::KeyStatus::pending};
    if (given != nullptr && given->slot == slot) {
      key.wrapped = given->wrapped;
      key.kcv = given->kcv;
    } else {
      auto made = TF_TRY(context.vault.generate(rki::spec_of(suite, slot), rki::row_of(terminal.terminal.dsn, slot, number)));
      key.wrapped = std::move(made.wrapped);
      key.kcv = std::move(made.kcv);
    }
    out.push_back(std::move(key));
  }
  return out;
}

Status write_set(Context& context, Act act, const wire::Dsn& dsn, const std::vector<rki::KeyRecord>& keys) {
  return perform_act(context, std::move(act), [&](store::Session& session) -> Status {
    for (const rki::KeyRecord& key : keys) TF_CHECK(insert_key(session, dsn, key));
    return {};
  });
}

}  // namespace

Result<std::vector<ExportedKey>> export_keys(Context& context, const std::string& actor, const wire::Dsn& dsn,
                                             const std::string& zone_name, std::optional<rki::Slot> slot) {
  const ZoneRecord zone = TF_TRY(find_zone(context, zone_name));
  const TerminalKeys terminal = TF_TRY(load(context, dsn));
  const vault::RowId zone_row{"zones", zone.name, 1};
  const vault::WrappedRef kbpk{*zone.wrapped, zone.spec, zone_row};
  std::vector<ExportedKey> out;
  for (const rki::KeyRecord& key : terminal.keys) {
    if (slot && key.slot != *slot) continue;
    if (key.status != rki::KeyStatus::active && key.status != rki::KeyStatus::delivered) continue;
    const auto spec = rki::spec_of(key.suite, key.slot);
    const auto row = rki::row_of(dsn, key.slot, key.set);
    out.push_back({key.slot, key.set, key.status, key.kcv,
                   TF_TRY(context.vault.export_block({key.wrapped, spec, row}, kbpk, TF_TRY(header_under(zone, key))))});
  }
  if (out.empty()) return Error{Code::not_found, "keys.none", "terminal " + dsn.text() + " has no delivered or active key there"};
  // Commit, then speak: the export is on record before a block leaves.
  TF_CHECK(perform_act(context, {actor, "keys.export", dsn.text(), fmt::format(R"({{"zone":"{}","keys":{}}})", zone.name, out.size())},
                       [](store::Session&) -> Status { return {}; }));
  return out;
}

Result<ExportedKey> import_key(Context& context, const std::string& actor, const wire::Dsn& dsn, const std::string& zone_name,
                               rki::Slot slot, const std::string& block) {
  const ZoneRecord zone = TF_TRY(find_zone(context, zone_name));
  const TerminalKeys terminal = TF_TRY(load(context, dsn));
  const auto& plan = context.config.plan_for(terminal.terminal.group);
  if (std::ranges::find(plan.slots, slot) == plan.slots.end())
    return Error{Code::invalid, "keys.slot_not_planned", "the terminal's group has no slot " + std::string(rki::name_of(slot))};
  const std::int64_t number = terminal.keys.empty() ? 1 : terminal.keys.front().set + 1;
  const rki::Suite suite = suite_for(terminal);
  const vault::RowId zone_row{"zones", zone.name, 1};
  auto imported = TF_TRY(context.vault.import_block(block, {*zone.wrapped, zone.spec, zone_row}, rki::spec_of(suite, slot),
                                                    rki::row_of(dsn, slot, number)));
  const auto expected = TF_TRY(rki::header_of(suite, slot, number));
  if (imported.header.usage != expected.usage)
    return Error{Code::invalid, "keys.usage", fmt::format("the block's usage is {}; slot {} takes {}", imported.header.usage,
                                                          rki::name_of(slot), expected.usage)};
  rki::KeyRecord given{slot, number, 1, suite, std::move(imported.wrapped), imported.kcv, rki::KeyStatus::pending};
  const auto keys = TF_TRY(new_set(context, terminal, &given));
  TF_CHECK(write_set(context, {actor, "keys.import", dsn.text(),
                               fmt::format(R"({{"zone":"{}","slot":"{}","set":{},"kcv":"{}"}})", zone.name, rki::name_of(slot), number, imported.kcv)},
                     dsn, keys));
  return ExportedKey{slot, number, rki::KeyStatus::pending, imported.kcv, block};
}

Result<std::int64_t> renew_keys(Context& context, const std::string& actor, const wire::Dsn& dsn) {
  const TerminalKeys terminal = TF_TRY(load(context, dsn));
  const auto keys = TF_TRY(new_set(context, terminal, nullptr));
  TF_CHECK(write_set(context, {actor, "keys.renew", dsn.text(), fmt::format(R"({{"set":{}}})", keys.front().set)}, dsn, keys));
  return keys.front().set;
}

}  // namespace tf::platform
