// A precompiled header belongs to a target, a target has a unit, and a program has this.
int main() {}
