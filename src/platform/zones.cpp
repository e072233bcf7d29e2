#include "platform/zones.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tf::platform {
namespace {

using store::Row;
using store::Session;

vault::RowId component_row(const std::string& zone, const std::string& custodian) {
  return {"zone_components", zone + "/" + custodian, 1};
}

struct StoredComponent {
  std::string custodian;
  vault::Wrapped wrapped;
};

Result<std::optional<ZoneRecord>> load_zone(Session& session, const std::string& name) {
  std::optional<ZoneRecord> out;
  TF_CHECK(session.query("SELECT cipher, size, components, kek, wrapped, kcv FROM zones WHERE name = $1", {std::string_view(name)},
                         [&](const Row& row) -> Status {
                           const auto algorithm = TF_TRY(vault::parse_symmetric_algorithm(row.text(0)));
                           out.emplace();
                           out->name = name;
                           out->spec = {algorithm, static_cast<std::size_t>(row.integer(1)), vault::SymmetricPurpose::zone};
                           out->components = row.integer(2);
                           if (!row.is_null(4)) {
                             out->wrapped = vault::Wrapped{row.text(3), row.bytes(4)};
                             out->kcv = row.text(5);
                           }
                           return {};
                         }));
  return out;
}

Result<std::vector<StoredComponent>> load_components(Session& session, const std::string& zone) {
  std::vector<StoredComponent> out;
  TF_CHECK(session.query("SELECT custodian, kek, wrapped FROM zone_components WHERE zone = $1 ORDER BY number",
                         {std::string_view(zone)}, [&](const Row& row) -> Status {
                           out.push_back({row.text(0), {row.text(1), row.bytes(2)}});
                           return {};
                         }));
  return out;
}

Status check_addition(const ZoneRecord& zone, const vault::SymmetricSpec& spec, const ComponentInput& input, const std::string& custodian) {
  if (zone.wrapped) return Error{Code::conflict, "zones.complete", "the zone's key is complete; choose another name"};
  if (zone.spec != spec || zone.components != input.of)
    return Error{Code::conflict, "zones.differs", fmt::format("zone {} was begun as {} of {} bytes in {} components", zone.name,
                                                              name_of(zone.spec.algorithm), zone.spec.size, zone.components)};
  if (std::ranges::find(zone.custodians, custodian) != zone.custodians.end())
    return Error{Code::conflict, "zones.same_custodian", custodian + " has brought a component already; another custodian brings the next"};
  return {};
}

// The last component is there: the vault makes the key of all of them.
Result<vault::Made> combine(Context& context, const ZoneRecord& zone, const std::vector<StoredComponent>& parts) {
  const vault::SymmetricSpec spec{zone.spec.algorithm, zone.spec.size, vault::SymmetricPurpose::component};
  std::vector<vault::RowId> rows;
  for (const StoredComponent& part : parts) rows.push_back(component_row(zone.name, part.custodian));
  std::vector<vault::WrappedRef> refs;
  for (std::size_t i = 0; i < parts.size(); ++i) refs.push_back({parts[i].wrapped, spec, rows[i]});
  return context.vault.combine(refs, zone.spec, zone_row(zone.name));
}

Status write_component(Session& session, const ZoneRecord& zone, const std::string& custodian, const vault::Made& made) {
  TF_TRY(session.execute("INSERT INTO zones (name, cipher, size, components) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                         {std::string_view(zone.name), name_of(zone.spec.algorithm), static_cast<std::int64_t>(zone.spec.size),
                          zone.components}));
  TF_TRY(session.execute("INSERT INTO zone_components (zone, custodian, number, kek, wrapped, kcv) VALUES ($1, $2, $3, $4, $5, $6)",
                         {std::string_view(zone.name), std::string_view(custodian), static_cast<std::int64_t>(zone.custodians.size()),
                          std::string_view(made.wrapped.kek), ByteView(made.wrapped.blob), std::string_view(made.kcv)}));
  return {};
}

Status write_zone_key(Session& session, const std::string& name, const vault::Made& made) {
  const auto changed = TF_TRY(session.execute("UPDATE zones SET kek = $2, wrapped = $3, kcv = $4 WHERE name = $1 AND wrapped IS NULL",
                         {std::string_view(name), std::string_view(made.wrapped.kek), ByteView(made.wrapped.blob), std::string_view(made.kcv)}));
  if (changed != 1) return Error{Code::conflict, "zones.complete", "the zone was completed meanwhile"};
  TF_TRY(session.execute("DELETE FROM zone_components WHERE zone = $1", {std::string_view(name)}));
  return {};
}

}  // namespace

vault::RowId zone_row(const std::string& zone) { return {"zones", zone, 1}; }

Result<ZoneRecord> add_component(Context& context, const std::string& custodian, ComponentInput input) {
  const vault::SymmetricSpec spec{input.cipher, input.component.size(), vault::SymmetricPurpose::zone};
  TF_CHECK(vault::check_spec(spec));
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; };
  if (input.zone.empty() || input.zone.size() > 64 || !std::ranges::all_of(input.zone, plain))
    return Error{Code::invalid, "zones.name", "a zone's name is 1 to 64 letters, digits, '-', '_' or '.'"};
  if (input.of < 2 || input.of > 9) return Error{Code::invalid, "zones.components", "a zone key has 2 to 9 components"};
  const vault::SymmetricSpec component_spec{input.cipher, input.component.size(), vault::SymmetricPurpose::component};
  const auto made = TF_TRY(context.vault.wrap(std::move(input.component), component_spec, component_row(input.zone, custodian)));
  if (made.kcv != input.kcv)
    return Error{Code::invalid, "zones.kcv", "the component's KCV is " + made.kcv + ", not " + input.kcv + ": typed wrongly, or another component"};

  ZoneRecord zone{.name = input.zone, .spec = spec, .components = input.of, .custodians = {}, .wrapped = {}, .kcv = {}};
  std::vector<StoredComponent> parts;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    if (auto found = TF_TRY(load_zone(session, input.zone))) zone = std::move(*found);
    parts = TF_TRY(load_components(session, input.zone));
    return {};
  }));
  for (const StoredComponent& part : parts) zone.custodians.push_back(part.custodian);
  TF_CHECK(check_addition(zone, spec, input, custodian));
  std::optional<vault::Made> key;
  parts.push_back({custodian, made.wrapped});
  if (static_cast<std::int64_t>(parts.size()) == zone.components) key = TF_TRY(combine(context, zone, parts));
  TF_CHECK(perform_act(context, {"operator:" + custodian, "zones.component", zone.name, fmt::format(R"({{"kcv":"{}","complete":{}}})", made.kcv, key.has_value())},
                       [&](Session& session) -> Status {
                         TF_CHECK(write_component(session, zone, custodian, made));
                         return key ? write_zone_key(session, zone.name, *key) : Status();
                       }));
  zone.custodians.push_back(custodian);
  if (key) {
    zone.wrapped = std::move(key->wrapped);
    zone.kcv = std::move(key->kcv);
  }
  return zone;
}

Result<std::vector<ZoneRecord>> list_zones(Context& context) {
  std::vector<ZoneRecord> out;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    std::vector<std::string> names;
    TF_CHECK(session.query("SELECT name FROM zones ORDER BY name", {}, [&](const Row& row) -> Status {
      names.push_back(row.text(0));
      return {};
    }));
    for (const std::string& name : names) {
      out.push_back(std::move(*TF_TRY(load_zone(session, name))));
      for (const StoredComponent& part : TF_TRY(load_components(session, name))) out.back().custodians.push_back(part.custodian);
    }
    return {};
  }));
  return out;
}

Result<ZoneRecord> find_zone(Context& context, const std::string& name) {
  std::optional<ZoneRecord> zone;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    zone = TF_TRY(load_zone(session, name));
    return {};
  }));
  if (!zone) return Error{Code::not_found, "zones.unknown", "there is no zone " + name};
  if (!zone->wrapped) return Error{Code::conflict, "zones.incomplete", "zone " + name + " still waits for components"};
  return std::move(*zone);
}

}  // namespace tf::platform
