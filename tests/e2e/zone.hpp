// A zone key in components, as two custodians bring it, and what leaves under it.
#pragma once
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace tf::test {

struct Zone {
  std::string name, algorithm;
  std::string components[2];  // hex, others for each zone
  std::string key;            // of both
};
Zone zone_named(const std::string& name, const std::string& algorithm);
// Empty kcv: the right one.
Finished add_component(const Zone& zone, int number, const std::string& custodian, std::string kcv = "");
// With both components at the platform.
Zone made_zone(const std::string& name, const std::string& algorithm);

struct Exported {
  std::string slot, kcv, block;
};
std::vector<Exported> export_keys(const Zone& zone, const std::string& serial);
wire::JsonObject open_block(const Zone& zone, const std::string& block);
std::string kcv_of(const std::string& algorithm, const std::string& key);

}  // namespace tf::test
